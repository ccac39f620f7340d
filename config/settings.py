"""The settings, read once from the environment and typed: everything that differs between installations."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.logs import logging_settings
from organizations.client_address import Network, parse_networks

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# Matrices are small here, so that threads of the linear algebra cost more than they save; and with one
# thread sums are rounded alike however many processors a machine has. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# --- Where it runs --------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
OPEN_SIGNUP = env.bool("OPEN_SIGNUP", default=False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL: str = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))
ON_LOOPBACK = set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]", "testserver"}
IN_PRODUCTION = not DEMO and (SITE_URL.startswith("https://") or not ON_LOOPBACK)
# Names that only monitoring uses: in production nothing but the health pages is served under them.
INSIDE_HOSTS: list[str] = env.list(
    "INSIDE_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "web"]
)
if IN_PRODUCTION:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, *INSIDE_HOSTS]
# The networks of the proxies through which every request comes; only their X-Forwarded-For counts.
try:
    TRUSTED_PROXIES: tuple[Network, ...] = parse_networks(env.list("TRUSTED_PROXIES", default=[]))
except ValueError as problem:
    raise ImproperlyConfigured(f"TRUSTED_PROXIES: {problem}") from None
if IN_PRODUCTION and not TRUSTED_PROXIES:
    raise ImproperlyConfigured(
        "TRUSTED_PROXIES must name the network of the proxy in front of this site (10.1.0.0/16, say). "
        "Without a proxy that receives whole requests first, a few half-sent ones stop the site; "
        "docs/operations.md says what it must do."
    )


def secret(name: str) -> str:
    """Return a secret from the environment, or from the file that NAME_FILE names."""
    path = env.str(f"{name}_FILE", default="")
    value: str = Path(path).read_text().strip() if path else env.str(name, default="")
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} must be set to at least 32 random characters.")
    return value


def is_set(name: str) -> bool:
    """Return whether a setting, or the file that holds it, is named in the environment."""
    return bool(env.str(name, default="") or env.str(f"{name}_FILE", default=""))


SECRET_KEY = secret("SECRET_KEY")
# Response keys are made with this secret. It never changes; losing it means that nobody can be
# recognised in the next cycle any more.
LINK_SECRET = secret("LINK_SECRET")

# --- Data -----------------------------------------------------------------------------------
# Migrations act as the owner of the tables; everything else is a role that row-level security
# binds and that owns nothing.
MIGRATION_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "lintmigrations"}
MIGRATING = sys.argv[1:2] != [] and sys.argv[1] in MIGRATION_COMMANDS
POOL_SIZE = env.int("DB_POOL_MAX", default=8)


def password(name: str) -> str:
    """Return the content of the file that NAME_FILE names; empty where none is named."""
    path = env.str(f"{name}_FILE", default="")
    return Path(path).read_text().strip() if path else ""


def database(url: str, password: str) -> dict[str, Any]:
    """Return Django's settings of the database at this URL."""
    settings: dict[str, Any] = env.db_url_config(url)
    settings["PASSWORD"] = settings.get("PASSWORD") or password
    settings["ENGINE"] = "django.db.backends.postgresql"
    settings["ATOMIC_REQUESTS"] = True
    settings["CONN_HEALTH_CHECKS"] = True
    options = settings.setdefault("OPTIONS", {})
    options["server_side_binding"] = True
    # A statement is prepared once a connection, after its fifth use; 0 behind a pooler that cannot.
    options["prepare_threshold"] = env.int("DB_PREPARE_AFTER", default=5) or None
    if POOL_SIZE and not MIGRATING:
        # A database that was away is tried again at the next request, not after a growing pause.
        options["pool"] = {"min_size": 1, "max_size": POOL_SIZE, "timeout": 3}
        options["pool"]["reconnect_timeout"] = 2
    return settings


DATABASE_URL: str = env.str("DATABASE_URL")
DATABASE_OWNER_URL: str = env.str("DATABASE_OWNER_URL", default="")
DATABASES = {
    "default": database(DATABASE_OWNER_URL, password("DATABASE_OWNER_PASSWORD"))
    if MIGRATING and DATABASE_OWNER_URL
    else database(DATABASE_URL, password("DATABASE_PASSWORD"))
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str = env.str("REDIS_URL")  # redis://host:6379 or unix:///path/to.sock
if _valkey_password := password("REDIS_PASSWORD"):
    REDIS_URL = REDIS_URL.replace("://", f"://:{quote(_valkey_password, safe='')}@", 1)
_SOCKET = REDIS_URL.startswith("unix://")
CACHE_URL: str = REDIS_URL + ("?db=1" if _SOCKET else "/1")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
    },
    "results_pages": {  # pages of closed cycles, which never change; in the memory of the process
        "BACKEND": "config.cache_backends.SizeLimitedCache",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 2_000, "MOST_BYTES": 32 * 1024 * 1024},
    },
}
# kombu writes the URL of a socket differently from redis-py.
BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://") + "?virtual_host=0"
    if _SOCKET
    else REDIS_URL + "/0"
)
WORK_LEASE_SECONDS = env.int("WORK_LEASE_SECONDS", default=0)  # 0: each kind of job has its own

# --- Application ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "reports",
    "assessments",
    "organizations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "config.logs.RequestLogMiddleware",
    "config.metrics.MetricsMiddleware",
    "config.middleware.PublicHost",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.PrivateResponses",
    "config.middleware.CompleteBody",
    "config.middleware.ReadableInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "organizations.tenancy.scope.ResetTenantMiddleware",
    "organizations.access_log.AccessLogMiddleware",
]
ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.navigation",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Sign-in --------------------------------------------------------------------------------
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _VALIDATION + "UserAttributeSimilarityValidator"},
    {"NAME": _VALIDATION + "MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "front"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "organizations.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Wrong passwords are counted by `organizations/sign_in.py`, and e-mails by `account_emails.py`.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "reset_password": "20/m/ip",
    "confirm_email": None,
}
# E-mails of each kind that anybody can cause to be sent to one address in a day.
ACCOUNT_LETTERS_A_DAY = env.int("ACCOUNT_LETTERS_A_DAY", default=5)
# An organization founded by open sign-up sends at most so many e-mails a day, for so many days.
NEW_ORGANIZATION_LETTERS_A_DAY = env.int("NEW_ORGANIZATION_LETTERS_A_DAY", default=100)
NEW_ORGANIZATION_DAYS = env.int("NEW_ORGANIZATION_DAYS", default=7)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SESSION_ENGINE = "organizations.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # at most; `organizations.sessions` ends a session sooner
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# A browser accepts cookies with these prefixes over TLS only; with the first only from this host.
_HOST, _SECURE = ("__Host-", "__Secure-") if SESSION_COOKIE_SECURE else ("", "")
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}session", f"{_HOST}csrf"
RESPONDENT_COOKIE_NAME, DEVICE_COOKIE_NAME = f"{_SECURE}respondent", f"{_SECURE}device"
KNOWN_DEVICE_COOKIE_NAME = f"{_SECURE}known-device"
LANGUAGE_COOKIE_NAME = "language"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SESSION_COOKIE_SECURE else []

# --- Security headers -----------------------------------------------------------------------
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE
HEALTH_PATHS = ["/livez", "/readyz", "/metrics"]  # requested from inside, without TLS
SECURE_REDIRECT_EXEMPT = [f"^{path[1:]}$" for path in HEALTH_PATHS]
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
# Both affect every other site below this domain, so only its owner can decide on them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_SUBDOMAINS: no list takes one without.")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
# W005 and W021 ask for the two settings above, which are off unless they are asked for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# Days that the access log is kept; the database itself deletes nothing younger than 30.
ACCESS_LOG_DAYS = env.int("ACCESS_LOG_DAYS", default=400)
if ACCESS_LOG_DAYS < 30:
    raise ImproperlyConfigured("ACCESS_LOG_DAYS must be at least 30.")

# --- Programs -------------------------------------------------------------------------------
# Prometheus reads /metrics with this token; without one there is no such page.
METRICS_TOKEN = secret("METRICS_TOKEN") if is_set("METRICS_TOKEN") else ""
MOST_SECONDS_WITHOUT_SWEEP = env.int("MOST_SECONDS_WITHOUT_SWEEP", default=60)
API_PER_MINUTE = env.int("API_PER_MINUTE", default=300)  # requests of one key
REST_FRAMEWORK = {
    "URL_FORMAT_OVERRIDE": None,
    "UNICODE_JSON": True,
    "DEFAULT_SCHEMA_CLASS": "organizations.api.schema.ViewSchema",  # used only for the schema
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Naite API",
    "VERSION": "1",
    "SERVERS": [{"url": SITE_URL}],
    "AUTHENTICATION_WHITELIST": ["organizations.api.base.BearerKey"],
    "COMPONENT_SPLIT_REQUEST": False,
    "SORT_OPERATIONS": False,
    "ENUM_NAME_OVERRIDES": {
        "CycleState": "assessments.models.Cycle.Stage",
    },
}

# --- Language, time, files, mail ------------------------------------------------------------
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]  # each with a folder in locale/
TIME_ZONES_BY_LANGUAGE = {"ko": "Asia/Seoul"}  # of new organizations; else UTC
LOCALE_PATHS = [BASE_DIR / "locale"]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="Naite <naite@localhost>")
MAILBOX = DATA_DIR / "mail"
EMAIL_TIMEOUT = 10
if DEMO and ON_LOOPBACK and not env.str("EMAIL_URL", default=""):
    # The demo keeps its mail and shows it at /dev/mail/.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAILBOX)
else:
    _email_url = password("EMAIL_URL") or env.str("EMAIL_URL", default="") or "smtp://localhost:25"
    globals().update(env.email_url_config(_email_url))

LOGGING = logging_settings(readable=DEBUG)

# Functions called with a membership's id in the transaction that removes the person.
REMOVED_WITH_A_PERSON = [
    "organizations.principles.clear_owner",
    "assessments.cycles.person_removal.remove_answers",
    "reports.schedules.clear_requester",
]
# Functions called with the organization's slug for what else the page of people says.
PEOPLE_NOTICES = ["assessments.cycles.late_joiners.people_notices"]
# Functions called with the organization in the transaction that changes its time zone.
MOVED_WITH_THE_TIME_ZONE = ["reports.schedules.update_time_zone"]

# --- Background work ------------------------------------------------------------------------
WORKERS = "config.celery.app"
CELERY_BROKER_URL = BROKER_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 900, 840
# The sweep has a queue of its own, so that it waits behind no job. Workers read both. Messages that
# nobody took expire instead of piling up; what is due stays stored in the database.
WORK_QUEUE: str = env.str("WORK_QUEUE", default="work")
SWEEP_QUEUE = f"{WORK_QUEUE}-sweep"
HINTS_EXPIRE_SECONDS = 60
CELERY_TASK_DEFAULT_QUEUE = WORK_QUEUE
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {WORK_QUEUE: {}, SWEEP_QUEUE: {}}
CELERY_TASK_ROUTES = {"sweep": {"queue": SWEEP_QUEUE}}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "sweep",
        "schedule": env.float("SWEEP_SECONDS", default=5.0),
        "options": {"expires": HINTS_EXPIRE_SECONDS},
    }
}
