#!/bin/sh
# `hotpress` in the container: whoever calls it, it runs as PUID:PGID, never as root. So `docker exec
# hotpress hotpress status` and the health check write no file that the daemon could not change.
set -eu
program=/opt/hotpress/bin/hotpress

refuse() {
    echo "hotpress: $1" >&2
    exit 2
}

number() {  # name, value
    case $2 in
    '' | *[!0-9]* | ??????????*) refuse "$1=$2 is no number of a user or group; \`id YOU\` on the host says it" ;;
    0 | 0*) refuse "$1=$2 would be root; name the owner of the videos (\`id YOU\` on the host)" ;;
    esac
}

as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$PUID" --regid="$PGID" --clear-groups --no-new-privs "$@"
    else
        "$@"
    fi
}

PUID=${PUID:-1000} PGID=${PGID:-1000} UMASK=${UMASK:-022} TZ=${TZ:-Etc/UTC}
number PUID "$PUID"
number PGID "$PGID"
case $UMASK in
[0-7][0-7][0-7] | 0[0-7][0-7][0-7]) ;;
*) refuse "UMASK=$UMASK is none; write three digits from 0 to 7, such as 022" ;;
esac
case $TZ in
/* | *..* | '') known=no ;;
*) [ -f "/usr/share/zoneinfo/$TZ" ] && known=yes || known=no ;;
esac
[ "$known" = yes ] || refuse "TZ=$TZ is no time zone; write one such as Europe/Berlin"
export TZ
umask "$UMASK"
[ -n "${NEMO_TOKEN:-}" ] || unset NEMO_TOKEN
page=${PAGE_PASSWORD:-}
unset PAGE_PASSWORD

if [ "${1:-}" = run ]; then
    # Docker makes a folder that is not there yet as root's. Videos are nobody's business here.
    if [ "$(id -u)" = 0 ]; then
        for folder in /config /state; do
            [ "$(stat -c %u:%g "$folder")" = "$PUID:$PGID" ] || chown -R "$PUID:$PGID" "$folder" ||
                refuse "$folder can't be given to $PUID:$PGID; on the host: chown -R $PUID:$PGID its folder"
        done
    fi
    me=$(as_user id -u):$(as_user id -g)
    for folder in /config /state /inbox /outbox; do
        [ -d "$folder" ] || refuse "$folder is not there; add it to the volumes"
        as_user test -r "$folder" -a -x "$folder" ||
            refuse "$folder can't be read as $me; set PUID and PGID to its owner ($(stat -c %u:%g "$folder"))"
    done
    for folder in /config /state /outbox; do
        as_user test -w "$folder" ||
            refuse "$folder can't be written as $me; set PUID and PGID to its owner ($(stat -c %u:%g "$folder"))"
    done
    if [ ! -e "$HOTPRESS_CONFIG" ]; then
        shown='# page: set PAGE_PASSWORD before the first start, or write it here (hotpress page password)'
        if [ -n "$page" ]; then
            line=$(printf '%s\n' "$page" | as_user "$program" page password 2>/dev/null) ||
                refuse "PAGE_PASSWORD is too short or can't be taken; write a longer one"
            shown="page:
  listen: 0.0.0.0:8420
$line"
        fi
        # shellcheck disable=SC2016 # the inner shell's own
        as_user sh -c 'umask 077; printf "%s\n" "$1" >"$HOTPRESS_CONFIG.new" &&
            mv "$HOTPRESS_CONFIG.new" "$HOTPRESS_CONFIG"' sh "\
# Written at the first start; change it as you like. Every key: hotpress.yaml(5), config.example.yaml.
defaults:
  target_size: 100 MB        # a ceiling: 60 MB, 25 MiB, 40 %, none
  resolution: 1080p          # short side; 720p, 1280x720, source; never enlarged
inboxes:
  - name: inbox
    path: /inbox
    outbox: /outbox
$shown"
    fi
fi
# exec: hotpress itself is told to stop, not a shell that would have to pass it on.
if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid="$PUID" --regid="$PGID" --clear-groups --no-new-privs "$program" "$@"
fi
exec "$program" "$@"
