#!/bin/sh
# The people of the directory: person add wang 王区长 · person password wang · person remove wang · person list. A password is read from the
# terminal, or is the first line of what is handed in. What a person may do is said by `fugong account`.
set -eu
umask 077
run=${LDAP_RUN:-/tmp/ldap}
base=$FUGONG_LDAP_BASE
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
address="ldapi://$(echo "$run/ldapi" | sed 's|/|%2F|g')"
refuse() { echo "$1" >&2; exit 2; }

ask_password() {
    if test -t 0; then
        printf '口令 | Password: ' >&2
        stty -echo
        IFS= read -r password || true
        stty echo
        echo >&2
    else
        IFS= read -r password || true
    fi
    test "${#password}" -ge 10 || refuse "口令至少 10 个字符,没有改动 | A password has at least 10 characters; nothing was changed"
    printf %s "$password" > "$work/password"
}
set_password() {
    ldappasswd -Q -Y EXTERNAL -H "$address" -T "$work/password" "uid=$1,$base"
}

what=${1:-}
name=${2:-}
case $what in
list)
    ldapsearch -Q -LLL -o ldif-wrap=no -Y EXTERNAL -H "$address" -b "$base" '(uid=*)' uid | sed -n 's/^uid: //p'
    exit
    ;;
add | password | remove) ;;
*) refuse "用法 | usage: person add NAME 姓名 | person password NAME | person remove NAME | person list" ;;
esac
# As names of accounts are.
case $name in
'' | *[!a-z0-9._-]* | [!a-z]*) refuse "$name: 账号以小写字母开头,只用 a-z 0-9 . _ - | a name begins with a small letter and has a-z 0-9 . _ - only" ;;
esac
case $what in
add)
    test -n "${3:-}" || refuse "还要写姓名 | the person's own name is missing: person add $name 姓名"
    ask_password
    ldapadd -Q -Y EXTERNAL -H "$address" <<LDIF
dn: uid=$name,$base
objectClass: inetOrgPerson
uid: $name
cn:: $(printf %s "$3" | base64 -w 0)
sn:: $(printf %s "$3" | base64 -w 0)
LDIF
    set_password "$name"
    ;;
password)
    ask_password
    set_password "$name"
    ;;
remove)
    ldapdelete -Q -Y EXTERNAL -H "$address" "uid=$name,$base"
    ;;
esac
