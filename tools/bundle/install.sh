#!/bin/sh
# Installs Fugong from this folder, without a network: ./install.sh FOLDER
# Checks every file against SHA256SUMS before it uses any of them. May be run again after it was cut off.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
umask 022

say() { printf '%s\n' "$*"; }
die() {
    printf '✗ %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}
usage() {
    say '用法 | usage: ./install.sh [--python PYTHON] [--sums SHA256] [--ldap] [--check] 目录 | FOLDER'
    say '  --python   用这个 Python | the Python to use'
    say '  --sums     SHA256SUMS 的摘要,制作方另行告知 | the sha256 of SHA256SUMS, as its maker told you by another way'
    say '  --ldap     另装目录登录所需(要 gcc 和 OpenLDAP 头文件)| what the login with a directory needs, too (gcc, OpenLDAP headers)'
    say '  --check    只核对,不安装 | only check, install nothing'
}

python='' expected='' with_ldap=no only_check=no target=''
while [ $# -gt 0 ]; do
    case $1 in
        --python | --sums)
            [ $# -ge 2 ] || die "$1 要有值 | $1 needs a value"
            if [ "$1" = --python ]; then python=$2; else expected=$2; fi
            shift 2
            ;;
        --ldap) with_ldap=yes && shift ;;
        --check) only_check=yes && shift ;;
        -h | --help) usage && exit 0 ;;
        -*) usage >&2 && die "没有这个选项 | no such option: $1" ;;
        *)
            [ -z "$target" ] || die "只能给一个目录 | one folder only: $target, $1"
            target=$1 && shift
            ;;
    esac
done
[ -n "$target" ] || [ "$only_check" = yes ] || { usage >&2 && exit 2; }
case $target in '' | /*) ;; *) target=$PWD/$target ;; esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$here"

# 1. Every file is what was packed, none is missing, none was added.
say '1/5 核对文件 | checking files'
command -v sha256sum >/dev/null || die '缺 sha256sum(coreutils)| sha256sum is missing (coreutils)'
[ -f SHA256SUMS ] || die '缺 SHA256SUMS,安装包不完整 | SHA256SUMS is missing: this bundle is not whole'
sums=$(sha256sum SHA256SUMS | cut -d ' ' -f 1)
[ -z "$expected" ] || [ "$expected" = "$sums" ] ||
    die 'SHA256SUMS 与制作方告知的不符 | SHA256SUMS is not what its maker told you' "应为 | expected $expected" "实为 | found    $sums"
if ! bad=$(sha256sum --check --quiet --strict SHA256SUMS 2>&1); then
    printf '%s\n' "$bad" | sed -n 's/^sha256sum: \(.*\): No such file or directory$/  缺 | missing: \1/p; s/^\(.*\): FAILED$/  被改动或损坏 | altered or damaged: \1/p' >&2
    printf '%s\n' "$bad" | grep -q -e ': FAILED' -e 'No such file' || printf '  %s\n' "$bad" >&2
    die '安装包与清单不符,什么也没装:请重新拷贝 | The bundle is not what its list says; nothing was installed: copy it again'
fi
unknown=$(find . ! -type d ! -path ./SHA256SUMS | sed 's,^\./,,' | sort | while IFS= read -r file; do
    cut -c 67- SHA256SUMS | grep -Fxq -- "$file" || printf '%s ' "$file"
done)
[ -z "$unknown" ] || die "清单里没有的文件,什么也没装 | Files that the list does not name; nothing was installed: $unknown"
say "  $(wc -l <SHA256SUMS | tr -d ' ') 个文件无误 | files are as packed; SHA256SUMS: $sums"
. ./bundle.env

# 2. This machine is one that it was made for.
say '2/5 核对本机 | checking this machine'
machine=$(uname -m)
[ "$machine" = "$FUGONG_ARCH" ] ||
    die "这个安装包是给 $FUGONG_ARCH 的,本机是 $machine | This bundle is for $FUGONG_ARCH; this machine is $machine" "另做一个 | make another: make bundle ARCH=$machine"
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2 || true)
[ -n "$libc" ] || die "需要 glibc $FUGONG_GLIBC 或更新,本机没有 glibc | glibc $FUGONG_GLIBC or newer is needed; this machine has no glibc"
[ "$(printf '%s\n%s\n' "$FUGONG_GLIBC" "$libc" | sort -V | head -n 1)" = "$FUGONG_GLIBC" ] ||
    die "需要 glibc $FUGONG_GLIBC 或更新,本机是 $libc | glibc $FUGONG_GLIBC or newer is needed; this machine has $libc"

fits() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    case " $FUGONG_PYTHONS " in *" $version "*) return 0 ;; *) return 1 ;; esac
}
if [ -z "$python" ]; then
    seen=''
    for candidate in $(printf 'python%s ' $FUGONG_PYTHONS) python3; do
        command -v "$candidate" >/dev/null || continue
        if fits "$candidate"; then python=$(command -v "$candidate") && break; fi
        seen="$seen $candidate=$version"
    done
    [ -n "$python" ] ||
        die "需要 Python $FUGONG_PYTHONS,没有找到 | Python $FUGONG_PYTHONS is needed; found:${seen:- none}" \
            '装好后再来,或用 --python 指明;怎样装见 docs/offline.md | Install one, or name it with --python; how: docs/offline.md'
else
    command -v "$python" >/dev/null || die "没有这个 Python | there is no such Python: $python"
    fits "$python" || die "需要 Python $FUGONG_PYTHONS;$python 是 ${version:-不能运行 | cannot be run} | Python $FUGONG_PYTHONS is needed; this is another"
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    die "$python 缺 venv 或 ensurepip;Debian、统信:装 python3-venv | $python lacks venv or ensurepip. Debian, UOS: install python3-venv"
say "  $machine, glibc $libc, $("$python" -V 2>&1) ($python)"
[ "$only_check" = no ] || { say '✓ 可以安装 | it can be installed' && exit 0; }

# 3. The program goes into a folder of its own: what another version left behind would be read as configuration.
say "3/5 解开程序 | unpacking the program → $target"
mark=$target/.installing
if [ -e "$target" ] && [ -n "$(ls -A "$target" 2>/dev/null)" ]; then
    { [ -f "$mark" ] && [ "$(cat "$mark")" = "$sums" ]; } ||
        die "$target 不是空目录,也不是这个安装包装到一半的 | $target is neither empty nor an interrupted installation of this bundle" \
            '请换一个目录;数据在 FUGONG_HOME,不必动 | Name another folder; data stay where they are, in FUGONG_HOME'
fi
mkdir -p "$target"
free=$(df -Pk "$target" | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -ge "$FUGONG_MEGABYTES" ] ||
    die "$target 只剩 $free MB,需要 $FUGONG_MEGABYTES MB | $target has $free MB left; $FUGONG_MEGABYTES MB are needed"
printf '%s\n' "$sums" >"$mark"
rm -f "$target/.venv/runnable"
# -m: a clock that is behind must not make the files newer than what is made of them.
tar -x -m -z -f "$FUGONG_SOURCE" -C "$target" --strip-components 1

# 4. Packages, by the hashes of the lock, from this folder alone.
say "4/5 安装 $FUGONG_PACKAGES 个软件包(一两分钟)| installing packages (a minute or two)"
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_PREFIX PIP_USER PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_INDEX_URL PIP_CONSTRAINT || true
PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
export PIP_CONFIG_FILE PIP_NO_INDEX PIP_NO_CACHE_DIR PIP_DISABLE_PIP_VERSION_CHECK PIP_ROOT_USER_ACTION
# Anew, also after an interruption: of a package that was cut off nobody knows what is there.
"$python" -m venv --clear "$target/.venv"
"$target/.venv/bin/python" -m pip install --quiet --find-links "$here/wheels" --require-hashes --only-binary :all: --no-deps --requirement "$target/$FUGONG_LOCK" ||
    die '软件包没有装全 | the packages were not installed; nothing outside the folder was changed'
"$target/.venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable "$target"
if [ "$with_ldap" = yes ]; then
    say '  编译 python-ldap | compiling python-ldap'
    "$target/.venv/bin/python" -m pip install --quiet --find-links "$here/ldap" --require-hashes --no-build-isolation --no-deps \
        --no-binary python-ldap --requirement "$target/requirements-ldap.lock" ||
        die 'python-ldap 编译不成:要 gcc、Python 和 OpenLDAP 的头文件(openldap-devel、python3-devel;Debian、统信:libldap-dev libsasl2-dev python3-dev)' \
            'python-ldap does not compile: it needs gcc and the headers of Python and OpenLDAP'
fi

# 5. The mark by which make knows that nothing has to be fetched.
say '5/5 命令 | the command'
"$target/.venv/bin/fugong" --version
touch "$target/.venv/runnable"
rm -f "$mark"
say "✓ 装好了 | installed: $target"
say "  试一试 | try it    cd $target && make demo"
say "  命令 | command     $target/.venv/bin/fugong --help"
