#!/bin/sh
# A directory for a district that has none: slapd, with the people in the volume `ldap`. docker/ldap/person.sh adds and removes them; the
# settings are written anew at every start, from FUGONG_LDAP_BASE, FUGONG_LDAP_READER and the reader's password.
set -eu
umask 077
data=${LDAP_DATA:-/data/ldap}
run=${LDAP_RUN:-/tmp/ldap}
secrets=${LDAP_SECRETS:-/run/secrets}
base=${FUGONG_LDAP_BASE:?is missing in .env: sh docker/configure.sh ldap}
reader=${FUGONG_LDAP_READER:?is missing in .env: sh docker/configure.sh ldap}
suffix=${base#*,}
case "$base $reader" in
"ou=people,dc="*" cn="*",$suffix") ;;
*) echo "FUGONG_LDAP_BASE should be ou=people,dc=…, FUGONG_LDAP_READER cn=…,dc=… of the same district: found $base and $reader" >&2; exit 78 ;;
esac
mkdir -p "$data" "$run"

cat > "$run/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload argon2
pidfile $run/slapd.pid
TLSCertificateFile $secrets/ldap_certificate
TLSCertificateKeyFile $secrets/ldap_key
TLSProtocolMin 3.3
password-hash {ARGON2}
disallow bind_anon
require authc
sizelimit 2000
# Whoever is this account in this container manages the people, by the socket alone; nobody else has a password that may.
authz-regexp "gidNumber=$(id -g)[+]uidNumber=$(id -u),cn=peercred,cn=external,cn=auth" "cn=admin,$suffix"
database mdb
suffix "$suffix"
rootdn "cn=admin,$suffix"
directory $data
maxsize 268435456
index objectClass,uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="$reader" read by * none
CONF

tools="-f $run/slapd.conf"
test -e "$data/data.mdb" || slapadd $tools <<LDIF
dn: $suffix
objectClass: dcObject
objectClass: organization
dc: $(echo "$suffix" | sed 's/^dc=\([^,]*\).*/\1/')
o: Fugong

dn: $base
objectClass: organizationalUnit
ou: people

dn: $reader
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: $(echo "$reader" | sed 's/^cn=\([^,]*\).*/\1/')
userPassword: {ARGON2}none
LDIF
head -n 1 "$secrets/fugong_ldap_reader_password" | tr -d '\n' > "$run/reader"
slapmodify $tools <<LDIF
dn: $reader
changetype: modify
replace: userPassword
userPassword: $(slappasswd -n -o module-path=/usr/lib/ldap -o module-load=argon2 -h '{ARGON2}' -T "$run/reader")
LDIF
exec slapd -f "$run/slapd.conf" -h "ldaps://${LDAP_LISTEN:-}:1636 ldapi://$(echo "$run/ldapi" | sed 's|/|%2F|g')" -d stats
