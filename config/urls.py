"""The whole site on one page."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config import api, health, mailbox, metrics
from organizations import access, sign_in, views
from organizations.pages import address, joining, sessions, signing_up

# Signing in and out: our own pages, everything of allauth that we offer, and nothing else.
ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.offered(account.login), name="account_login"),
    path("sign-out/", sign_in.offered(account.logout), name="account_logout"),
    path("sign-up/", sign_in.offered(signing_up.sign_up), name="account_signup"),
    path("inactive/", sign_in.offered(account.account_inactive), name="account_inactive"),
    path("password/", sign_in.offered(account.password_change), name="account_change_password"),
    path("password/set/", sign_in.offered(account.password_set), name="account_set_password"),
    path(
        "password/reset/", sign_in.offered(signing_up.reset_password), name="account_reset_password"
    ),
    path(
        "password/reset/sent/",
        sign_in.offered(account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "password/reset/<plain:uidb36>-<path:key>/",  # joined as allauth's letters join them
        sign_in.offered(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        sign_in.offered(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("e-mail/", sign_in.offered(address.change), name="account_email"),
    path(
        "e-mail/change/<str:key>/",
        sign_in.offered(address.confirm),
        name="account_email_change",
    ),
    path(
        "e-mail/sent/",
        sign_in.offered(account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path(
        "e-mail/confirm/<str:key>/",
        sign_in.offered(signing_up.confirm),
        name="account_confirm_email",
    ),
    path("sessions/", sessions.sessions, name="account_sessions"),
    path("sessions/end/", sessions.end, name="account_session_end"),
    path("reauthenticate/", sign_in.offered(account.reauthenticate), name="account_reauthenticate"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("livez", views.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("language/", access.public(set_language), name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
    path("new/", views.found, name="found"),
    path("join/<str:token>/", joining.join, name="join"),
    path("", include(ACCOUNT)),
    path("s/<str:token>/", include("assessments.links")),
    path("o/<slug:organization>/", include("reports.urls")),
    path("o/<slug:organization>/", include("assessments.urls")),
    path("o/<slug:organization>/", include("organizations.urls")),
    path("api/", include((api.urlpatterns, "api"))),
]
handler400, handler403, handler404, handler500 = api.HANDLERS
if settings.DEMO and settings.ON_LOOPBACK:
    urlpatterns += [
        path("dev/mail/", mailbox.letters, name="mailbox"),
        path("dev/mail/<str:name>/", mailbox.letter, name="letter"),
    ]
