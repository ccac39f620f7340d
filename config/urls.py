"""The URLs of the whole site."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from assessments.views import personal_link
from config import api_urls, demo_mailbox, error_views, health, metrics
from organizations import access, sign_in
from organizations.views import email_change, front, join, sessions, sign_up

# Signing in and out: our own pages, everything of allauth that we offer, and nothing else.
ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.require_rate_limiting(account.login), name="account_login"),
    path("sign-out/", sign_in.require_rate_limiting(account.logout), name="account_logout"),
    path("sign-up/", sign_in.require_rate_limiting(sign_up.sign_up), name="account_signup"),
    path(
        "inactive/",
        sign_in.require_rate_limiting(account.account_inactive),
        name="account_inactive",
    ),
    path(
        "password/",
        sign_in.require_rate_limiting(account.password_change),
        name="account_change_password",
    ),
    path(
        "password/set/",
        sign_in.require_rate_limiting(account.password_set),
        name="account_set_password",
    ),
    path(
        "password/reset/",
        sign_in.require_rate_limiting(sign_up.reset_password),
        name="account_reset_password",
    ),
    path(
        "password/reset/sent/",
        sign_in.require_rate_limiting(account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "password/reset/<plain:uidb36>-<path:key>/",  # joined as in allauth's e-mails
        sign_in.require_rate_limiting(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        sign_in.require_rate_limiting(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("e-mail/", sign_in.require_rate_limiting(email_change.change), name="account_email"),
    path(
        "e-mail/change/<str:key>/",
        sign_in.require_rate_limiting(email_change.confirm),
        name="account_email_change",
    ),
    path(
        "e-mail/sent/",
        sign_in.require_rate_limiting(account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path(
        "e-mail/confirm/<str:key>/",
        sign_in.require_rate_limiting(sign_up.confirm),
        name="account_confirm_email",
    ),
    path("sessions/", sessions.sessions, name="account_sessions"),
    path("sessions/end/", sessions.end, name="account_session_end"),
    path(
        "reauthenticate/",
        sign_in.require_rate_limiting(account.reauthenticate),
        name="account_reauthenticate",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.front, name="front"),
    path("livez", front.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("language/", access.public(set_language), name="set_language"),
    path("theme/", front.set_theme, name="set_theme"),
    path("new/", front.create_organization, name="found"),
    path("join/<str:token>/", join.join, name="join"),
    path("", include(ACCOUNT)),
    path("s/<str:token>/", personal_link.open_link, name="link"),
    path("o/<slug:organization>/", include("reports.urls")),
    path("o/<slug:organization>/", include("assessments.urls")),
    path("o/<slug:organization>/", include("organizations.urls")),
    path("api/", include((api_urls.urlpatterns, "api"))),
]
handler400, handler403, handler404, handler500 = error_views.HANDLERS
if settings.DEMO and settings.ON_LOOPBACK:
    urlpatterns += [
        path("dev/mail/", demo_mailbox.message_list, name="mailbox"),
        path("dev/mail/<str:name>/", demo_mailbox.message_detail, name="letter"),
    ]
