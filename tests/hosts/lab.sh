#!/usr/bin/env bash
# lab.sh - hosts for the tests, made on this machine: network namespaces, each with its own name, address and ports, joined
# by a bridge. An ordinary user may make them; they vanish when this script ends, with all that runs in them.
#
#   tests/hosts/lab.sh [--gso] DIR HOST...   makes the hosts, writes DIR/ready, and waits until it is killed
#   tests/hosts/lab.sh --check               makes one without a name, and ends: exit status 0 if hosts can be made here
#
# In DIR: HOST.pid, a process of each host; and agent, by which mpirun starts programs on a host, in the place of ssh: it
# enters the host's namespaces. Host number i has the address 10.77.0.i, MTU 1500, where each segment is a packet (unless
# --gso leaves it to the network to cut large ones), and a clock that is i * 1000 s ahead.
set -euo pipefail

fail() {
    echo "lab.sh: $*" >&2
    exit 1
}

# A user is root in a user namespace of their own, and may make the others from there. This script is the init of its PID
# namespace: all processes in that end with it.
enter() {
    exec env IO_MODELS_LAB=inside unshare --user --map-root-user --net --mount --uts --pid --fork --kill-child \
        --mount-proc -- "$0" "$@"
}

make_bridge() {
    ip link set lo up
    ip link add lab type bridge
    ip link set lab up
}

# make_host DIR NAME NUMBER: a process in new namespaces holds them.
make_host() {
    local dir=$1 name=$2 number=$3 pid
    unshare --net --uts --time --monotonic $((1000 * number)) -- bash -c "hostname '$name' && exec sleep infinity" &
    pid=$!
    echo "$pid" >"$dir/$name.pid"
    while [[ $(nsenter -t "$pid" --uts -- hostname) != "$name" ]]; do
        kill -0 "$pid" 2>/dev/null || fail "host $name could not be made"
        sleep 0.01
    done
    ip link add "lab$number" type veth peer name eth0 netns "$pid"
    ip link set "lab$number" master lab up
    nsenter -t "$pid" --net -- ip link set lo up
    nsenter -t "$pid" --net -- ip address add "10.77.0.$number/24" dev eth0
    ((gso)) || nsenter -t "$pid" --net -- ip link set eth0 gso_max_segs 1
    nsenter -t "$pid" --net -- ip link set eth0 up
}

# The names of all, for the programs in here.
make_names() {
    local dir=$1 number=0 name
    shift
    echo '127.0.0.1 localhost' >"$dir/names"
    for name in "$@"; do
        number=$((number + 1))
        echo "10.77.0.$number $name" >>"$dir/names"
    done
    mount --bind "$dir/names" /etc/hosts
}

# What stands for ssh: agent [OPTION...] HOST COMMAND...
make_agent() {
    cat >"$1/agent" <<AGENT
#!/bin/bash
while [[ \$1 == -* ]]; do shift; done
host=\$1
shift
exec nsenter -t "\$(<"$1/\$host.pid")" --net --uts --time -- /bin/sh -c "\$*"
AGENT
    chmod +x "$1/agent"
}

main() {
    local dir number=0 name gso=0
    command -v ip >/dev/null || fail 'there is no ip: install iproute2'
    if [[ ${IO_MODELS_LAB-} != inside ]]; then
        unshare --user --net true ||
            fail 'the kernel refuses namespaces to this user: in a chroot always, in containers often;' \
                'see user.max_user_namespaces, and kernel.apparmor_restrict_unprivileged_userns'
        enter "$@"
    fi
    make_bridge
    if [[ $1 == --check ]]; then
        unshare --net --uts --time --monotonic 1000 true
        exit
    fi
    if [[ $1 == --gso ]]; then
        gso=1
        shift
    fi
    dir=$1
    shift
    make_names "$dir" "$@"
    make_agent "$dir"
    for name in "$@"; do
        number=$((number + 1))
        make_host "$dir" "$name" "$number"
    done
    echo ready >"$dir/ready"
    wait
}

main "$@"
