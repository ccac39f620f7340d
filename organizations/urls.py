"""The URLs of an organization's people, teams and settings."""

from django.urls import path

from organizations.views import api_keys, people, people_import, settings, team_confirmation, teams

app_name = "organizations"
urlpatterns = [
    path("people/", people.list_people, name="people"),
    path("people/add/", people.add, name="person_add"),
    path("people/import/", people_import.upload, name="people_import"),
    path("people/import/template.csv", people_import.template, name="people_template"),
    path("people/teams/confirm/", team_confirmation.confirm, name="team_confirmation"),
    path("people/<uuid:member>/", people.edit_person, name="person"),
    path("people/<uuid:member>/invite/", people.invite, name="person_invite"),
    path("people/<uuid:member>/suspend/", people.suspend, name="person_suspend"),
    path("people/<uuid:member>/reinstate/", people.reinstate, name="person_reinstate"),
    path("people/<uuid:member>/remove/", people.remove, name="person_remove"),
    path("people/teams/add/", teams.add, name="team_add"),
    path("people/teams/<uuid:team>/", teams.edit_team, name="team"),
    path("people/teams/<uuid:team>/remove/", teams.remove, name="team_remove"),
    path("settings/", settings.edit, name="settings"),
    path("settings/changes/", settings.changes, name="settings_changes"),
    path("settings/access/", settings.access, name="settings_access"),
    path("settings/keys/", api_keys.list_keys, name="settings_keys"),
    path("settings/keys/<uuid:api_key>/revoke/", api_keys.revoke, name="settings_key_revoke"),
]
