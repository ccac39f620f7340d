"""The addresses of an organization's people, teams and settings."""

from django.urls import path

from organizations.pages import keys, people, roster, settings, team_confirmation, teams

app_name = "organizations"
urlpatterns = [
    path("people/", people.everyone, name="people"),
    path("people/add/", people.add, name="person_add"),
    path("people/import/", roster.bring, name="people_import"),
    path("people/import/template.csv", roster.template, name="people_template"),
    path("people/teams/confirm/", team_confirmation.confirm, name="team_confirmation"),
    path("people/<uuid:member>/", people.one, name="person"),
    path("people/<uuid:member>/invite/", people.invite, name="person_invite"),
    path("people/<uuid:member>/suspend/", people.suspend, name="person_suspend"),
    path("people/<uuid:member>/reinstate/", people.reinstate, name="person_reinstate"),
    path("people/<uuid:member>/remove/", people.remove, name="person_remove"),
    path("people/teams/add/", teams.add, name="team_add"),
    path("people/teams/<uuid:team>/", teams.one, name="team"),
    path("people/teams/<uuid:team>/remove/", teams.remove, name="team_remove"),
    path("settings/", settings.frame, name="settings"),
    path("settings/changes/", settings.changes, name="settings_changes"),
    path("settings/access/", settings.access, name="settings_access"),
    path("settings/keys/", keys.everyone, name="settings_keys"),
    path("settings/keys/<uuid:api_key>/revoke/", keys.revoke, name="settings_key_revoke"),
]
