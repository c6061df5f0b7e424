#!/bin/sh
# Makes ./secrets for docker-compose.yml: passwords, and certificates of an authority made here. Keep ca.key elsewhere.
set -eu
umask 077
mkdir -p secrets && cd secrets
for name in store-owner store-intake store-follow; do [ -e $name ] || openssl rand -hex 24 > $name; done
[ -e ca.crt ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
  -subj "/CN=safeguarding hub authority" -keyout ca.key -out ca.crt 2>/dev/null
certify() { # name, names it answers to
  [ -e "$1.crt" ] && return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=%s' "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
certify kafka DNS:kafka,DNS:localhost,IP:127.0.0.1
certify workers DNS:workers,DNS:localhost,IP:127.0.0.1
for client in hub admin police health schools social-care youth-justice; do certify "$client" "DNS:$client"; done
cat kafka.key kafka.crt > broker.pem
chmod 644 ca.crt ./*.crt
# Containers read them as users of their own; where yours maps users, 600 may do.
chmod 644 store-* hub.key admin.key workers.key broker.pem
