"""A bare Django with sessions, sign-in and CSRF, on a database of its own."""

import os

import environ

SECRET_KEY = "of-the-floor-and-of-nothing-else-0123456789"  # noqa: S105  # guards nothing
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.floor.urls"
USE_TZ, USE_I18N = True, False
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES = {
    "default": environ.Env.db_url_config(os.environ["FLOOR_DATABASE_URL"]) | {"CONN_MAX_AGE": 600}
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [os.path.join(os.path.dirname(__file__), "templates")],  # noqa: PTH118, PTH120  # bare
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
