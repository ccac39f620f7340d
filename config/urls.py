"""The whole site on one page."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config import mailbox
from organizations import access, views
from organizations.pages import joining

# Signing in and out; everything of allauth that we offer, and nothing else.
ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", access.public(account.login), name="account_login"),
    path("sign-out/", access.public(account.logout), name="account_logout"),
    path("sign-up/", access.public(account.signup), name="account_signup"),
    path("inactive/", access.public(account.account_inactive), name="account_inactive"),
    path("password/", access.public(account.password_change), name="account_change_password"),
    path("password/set/", access.public(account.password_set), name="account_set_password"),
    path("password/reset/", access.public(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/sent/",
        access.public(account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "password/reset/<slug:uidb36>/<path:key>/",
        access.public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        access.public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("e-mail/", access.public(account.email), name="account_email"),
    path(
        "e-mail/sent/",
        access.public(account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path(
        "e-mail/confirm/<str:key>/",
        access.public(account.confirm_email),
        name="account_confirm_email",
    ),
    path("reauthenticate/", access.public(account.reauthenticate), name="account_reauthenticate"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("livez", views.livez, name="livez"),
    path("language/", access.public(set_language), name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
    path("new/", views.found, name="found"),
    path("join/<str:token>/", joining.join, name="join"),
    path("", include(ACCOUNT)),
    path("s/<str:token>/", include("assessments.links")),
    path("o/<slug:organization>/", include("reports.urls")),
    path("o/<slug:organization>/", include("assessments.urls")),
    path("o/<slug:organization>/", include("organizations.urls")),
]
if settings.DEMO and settings.ON_LOOPBACK:
    urlpatterns += [
        path("dev/mail/", mailbox.letters, name="mailbox"),
        path("dev/mail/<str:name>/", mailbox.letter, name="letter"),
    ]
