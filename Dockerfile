# One image for web, worker, beat and set-up: the same code and packages everywhere.
FROM python:3.11-slim-bookworm

# Pango and HarfBuzz draw the certificates' PDF; Tinos is the type of official reports.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
       fonts-croscore \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# Packages before code: a change of code does not fetch them again.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN python -m compileall -q . || true

# A named volume takes the owner of the folder it is first laid over.
RUN groupadd --gid 10001 hocso && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /srv/hocso hocso \
    && mkdir -p /srv/hocso/static /srv/hocso/media /srv/hocso/private /srv/hocso/beat \
    && chown -R hocso:hocso /srv/hocso
USER 10001:10001

ENV DJANGO_SETTINGS_MODULE=lms.settings.production LMS_DATA_DIR=/srv/hocso XDG_CACHE_HOME=/tmp/cache
EXPOSE 8000
ENTRYPOINT ["/app/deploy/entrypoint"]
CMD ["web"]
