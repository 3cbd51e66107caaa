"""Every setting, read from the environment; the embedded default needs none.

Embedded means: SQLite and a private Valkey in ``var/``, one machine, plain HTTP on loopback. With
DATABASE_URL and REDIS_URL set the same code runs on PostgreSQL and Redis; ``core.checks`` refuses to
start when a production setting is unsafe.
"""

import contextlib
import secrets
import tempfile
import warnings
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from inventory_project.environment import env, made

django_stubs_ext.monkeypatch()  # lets Django's generic classes be subscripted in annotations

BASE_DIR = Path(__file__).resolve().parent.parent


def _secret() -> str:
    """SECRET_KEY, SECRET_KEY_FILE, or one made on first start and kept readable by us alone."""
    if env("SECRET_KEY", default=""):
        return str(env("SECRET_KEY"))
    file = Path(env("SECRET_KEY_FILE", default=str(VAR / "secret-key")))
    try:
        return _kept_secret(file)
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY_FILE: {file} can be neither read nor made ({error})."
        ) from error


def _kept_secret(file: Path) -> str:
    if not file.exists():
        # Written aside and linked, so that of two processes starting at once one wins, whole.
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".secret-") as draft:
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(draft.name)
    return file.read_text().strip()


def _socket() -> Path:
    """Where the private Valkey listens; a unix socket's path is limited to about 107 bytes."""
    path = VAR / "valkey.sock"
    if len(str(path)) < 100:
        return path
    return (
        Path(tempfile.gettempdir()) / f"inventory-{sha256(str(VAR).encode()).hexdigest()[:12]}.sock"
    )


VAR = env.folder("INVENTORY_VAR", default=BASE_DIR / "var")
DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000, least=1, most=65535)
WEB_WORKERS = env.int("WEB_WORKERS", default=0)
"""0 leaves it to the configuration of gunicorn."""
SITE_URL = env("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SECURE = SITE_URL.startswith("https://")
EMBEDDED = not env("DATABASE_URL", default="")
SECRET_KEY = _secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname or "localhost"]),
    *("localhost", "127.0.0.1", "[::1]"),  # health checks; links are made from SITE_URL alone
]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

INSTALLED_APPS = [
    "boards",
    "intake",
    "alerts",
    "workflows",
    "finance",
    "stock",
    "people",
    "core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "import_export",
    "django_htmx",
    "template_partials",
    "django_celery_beat",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "core.edge.Edge",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.pulse.Pulse",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "people.middleware.ReaderLanguage",
    "people.middleware.LookingAs",
    "django.contrib.messages.middleware.MessageMiddleware",
    "people.middleware.BackToThePage",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "core.middleware.ReadableErrors",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "inventory_project.urls"
WSGI_APPLICATION = "inventory_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "boards.context.shell",
            ],
        },
    }
]

# Databases -----------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
_database = DATABASES["default"]
_engine = _database.get("ENGINE", "")
if _engine.endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA recursive_triggers=ON;"
        ),
    }
    _database["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    _database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
# Behind a pooler that shares connections between transactions, set this to false.
DATABASE_PREPARED_STATEMENTS = env.bool("DATABASE_PREPARED_STATEMENTS", default=True)

# People --------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
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
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "people:login"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 3
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "people.doors.locked_out"
OTP_TOTP_ISSUER = "Inventory"

# Language and time ---------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", default="Asia/Shanghai")

# Files ---------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR / "media")))
BACKUP_ROOT = Path(env("BACKUP_ROOT", default=str(VAR / "backups")))
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
if env.bool("STATIC_HASHED", default=False):  # names with hashes, compressed; set by the Dockerfile
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
warnings.filterwarnings("ignore", message="No directory at")  # files come from the finders then
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Mail ----------------------------------------------------------------------------------------------
_mail = env.mail("EMAIL_URL", default="filemail://" if EMBEDDED else "consolemail://")
globals().update(_mail)
EMAIL_FILE_PATH = (
    str(made(VAR / "mail", "INVENTORY_VAR")) if "filebased" in _mail["EMAIL_BACKEND"] else None
)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="inventory@localhost")

OUTGOING_NETWORKS = env.networks("OUTGOING_NETWORKS")
"""Private networks that core.outgoing may send to besides the public addresses of the internet."""

# Background work -----------------------------------------------------------------------------------
VALKEY_SOCKET = _socket()
CELERY_BROKER_URL = env("REDIS_URL", default="") or f"redis+socket://{VALKEY_SOCKET}"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    # Without these a publisher waits six seconds for a broker that is away (nobody may wait for it).
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONSUMER = "core.steady_consumer:SteadyConsumer"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# REST API ------------------------------------------------------------------------------------------
API_RATES = {
    "token": env.int("API_RATE_TOKEN", default=600, least=1),
    "user": env.int("API_RATE_USER", default=600, least=1),
    "address": env.int("API_RATE_ADDRESS", default=60, least=1),
}
"""Requests a minute of one token, of one signed-in user, of one address without either."""
if env("REDIS_URL", default=""):  # counted for all processes together
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env("REDIS_URL").replace("redis+socket://", "unix://"),
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "people.api.authentication.TokenAuthentication",
        "people.api.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.PerCaller"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.DeclaredSchema",
    "EXCEPTION_HANDLER": "core.api.errors.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Inventory change management"),
    "DESCRIPTION": _(
        "Reads of the book and changes by documents. Numbers are texts, moments ISO 8601 with an offset. "
        "Refusals have one shape: code, message, lines, data."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
}

# Safety --------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "inventory_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "inventory_csrf"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.refusals.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = SECURE and env.bool("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Only for a proxy that sets X-Forwarded-Proto and appends to X-Forwarded-For itself.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "core.logs.JsonFormatter"},
    },
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",  # stderr: what a command prints on stdout is its answer
            "formatter": env.choice(
                "LOG_FORMAT", default="json" if SECURE else "line", choices=("json", "line")
            ),
        }
    },
    "root": {"handlers": ["out"], "level": env.choice("LOG_LEVEL", "WARNING", LOG_LEVELS)},
    "loggers": {"axes": {"level": "ERROR"}, "inventory": {"level": "INFO"}},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
