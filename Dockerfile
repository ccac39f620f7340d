# One image for web, worker, beat and commands. Nothing of devstack, the tests or the servers that
# `run.py` brings along is in it. It runs as a numeric user without rights and needs to write to /tmp
# alone, so that its root may be read-only.

FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/naite
COPY requirements.txt /tmp/requirements.txt
RUN /opt/naite/bin/pip install --no-deps --only-binary=:all: --require-hashes \
    --requirement /tmp/requirements.txt

FROM python:3.13-slim
ENV PATH=/opt/naite/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/srv/data
# Letters of reports that Pretendard lacks: Hanja, kana, other scripts, emoji.
RUN apt-get update && apt-get install -y --no-install-recommends \
    fonts-noto-cjk fonts-noto-core fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages /opt/naite /opt/naite
WORKDIR /srv/naite
COPY LICENSE manage.py ./
COPY config config
COPY organizations organizations
COPY assessments assessments
COPY reports reports
COPY locale locale
COPY templates templates
COPY static static
# Compiled once, so that nothing is written when it runs. No database is asked, and the values here
# hold for this step alone: the running site reads its own.
RUN python -m compileall -q . \
    && SECRET_KEY=only-while-the-image-is-being-made LINK_SECRET=only-while-the-image-is-being-made \
    DATABASE_URL=postgresql://nobody@nowhere/none REDIS_URL=redis://nowhere \
    python manage.py collectstatic --no-input --verbosity 0
USER 10001:10001
EXPOSE 8000
# Granian and beat end in good order at SIGTERM. The worker is told REMAP_SIGTERM=SIGQUIT by
# docker-compose.yml: it then gives unfinished work back instead of waiting for its end.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--no-ws", "--no-access-log", "--log-level", "warning", "--respawn-failed-workers", "config.wsgi:application"]
