#!/bin/sh
# An account for every department that has a file of public keys in /etc/fugong/sftp, named by its code, and a root of its own with its inbox and
# its outbox; then sshd. Whoever adds, changes or removes a file restarts the container.
set -eu

for type in ed25519 rsa; do
    test -f "/var/lib/sftp/ssh_host_${type}_key" || ssh-keygen -q -t "$type" -N '' -f "/var/lib/sftp/ssh_host_${type}_key"
    ssh-keygen -l -f "/var/lib/sftp/ssh_host_${type}_key.pub"
done
install --directory --mode 755 /run/sshd /run/sftp /run/sftp/keys

: > /var/lib/extrausers/passwd
: > /var/lib/extrausers/group
: > /var/lib/extrausers/shadow
numbers=' '
for file in /etc/fugong/sftp/*; do
    test -f "$file" || continue
    code=$(basename "$file")
    case $code in
    *[!A-Za-z0-9_]*) echo "$code: not the code of a department" >&2; exit 1 ;;
    esac
    if ! test -d "/mnt/inbox/$code" || ! test -d "/mnt/outbox/$code"; then
        echo "$code: there is no inbox/$code; the files in /etc/fugong/sftp have the codes of departments as names" >&2
        exit 1
    fi
    # The same number after every restart, whoever comes or goes.
    number=$((100000 + $(printf %s "$code" | cksum | cut -d ' ' -f 1) % 900000))
    case $numbers in
    *" $number "*) echo "$code: its number $number is another department's" >&2; exit 1 ;;
    esac
    numbers="$numbers$number "
    echo "$code:x:$number:$number::/:/usr/sbin/nologin" >> /var/lib/extrausers/passwd
    echo "$code:x:$number:" >> /var/lib/extrausers/group
    echo "$code:*:20000::::::" >> /var/lib/extrausers/shadow
    install --mode 644 "$file" "/run/sftp/keys/$code"
    for folder in "/mnt/inbox/$code" "/mnt/inbox/$code/试投"; do
        if test -d "$folder" && ! test -L "$folder"; then
            chgrp "$number" "$folder"
            chmod 2770 "$folder"
        fi
    done
    chgrp --recursive --no-dereference "$number" "/mnt/outbox/$code"
    chmod 2750 "/mnt/outbox/$code"
    root=/srv/sftp/$code
    install --directory --mode 755 "$root" "$root/inbox" "$root/outbox"
    mount --bind "/mnt/inbox/$code" "$root/inbox"
    mount --bind "/mnt/outbox/$code" "$root/outbox"
    mount -o remount,bind,ro "$root/outbox"
    echo "$code: $number"
done
# Nothing that begins from here on can mount anything, whoever it is.
exec setpriv --bounding-set=-sys_admin,-setpcap --inh-caps=-all /usr/sbin/sshd -D -e -f /opt/fugong/docker/sftp/sshd_config
