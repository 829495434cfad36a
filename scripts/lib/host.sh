# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # root and build are compare.sh's; what is set here is used there and in run.sh
# host.sh - which CPUs to use, and what is known about this machine, this build and its limits.

# expand_cpus 0-2,5 -> 0 1 2 5
expand_cpus() {
    local part
    for part in ${1//,/ }; do
        seq -s ' ' "${part%-*}" "${part#*-}"
    done | xargs
}

# Sets server_cpu, client_cpus, client_threads, shared_cpu and softirq_threads (the stat files of ksoftirqd). The server has the last CPU to itself, with its
# hyper-thread sibling kept free if that leaves any for the load generator.
choose_cpus() {
    local allowed siblings cpu others=() apart=()
    read -ra allowed <<<"$(expand_cpus "$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)")"
    server_cpu=${allowed[-1]}
    siblings=" $(expand_cpus "$(cat "/sys/devices/system/cpu/cpu$server_cpu/topology/thread_siblings_list" \
        2>/dev/null || echo "$server_cpu")") "
    for cpu in "${allowed[@]}"; do
        [[ $cpu == "$server_cpu" ]] || others+=("$cpu")
        [[ $siblings == *" $cpu "* ]] || apart+=("$cpu")
    done
    ((${#apart[@]} == 0)) || others=("${apart[@]}")
    shared_cpu=0
    if ((${#others[@]} == 0)); then
        shared_cpu=1
        others=("$server_cpu")
    fi
    mapfile -t softirq_threads < <(grep -ls '(ksoftirqd/' /proc/[0-9]*/stat)
    client_cpus=$(IFS=, && echo "${others[*]}")
    client_threads=$((${#others[@]} < 4 ? ${#others[@]} : 4))
}

# Sets client_limit and client_limit_why; raises the soft descriptor limit, which servers and load generator inherit.
check_limits() {
    local descriptors first last
    descriptors=$(ulimit -Hn)
    [[ $descriptors != unlimited ]] || descriptors=$(</proc/sys/fs/nr_open)
    ulimit -Sn "$descriptors"
    client_limit=$((descriptors - 50))
    client_limit_why="the hard descriptor limit, ulimit -Hn, is $descriptors, of which 50 are kept back"
    read -r first last </proc/sys/net/ipv4/ip_local_port_range
    port_count=$((last - first + 1))
}

# fact KEY WHY COMMAND...: one row of metadata; 'n/a: WHY' where the command fails or has nothing to say.
fact() {
    local key=$1 why=$2 value
    shift 2
    value=$("$@" 2>/dev/null | tr '\t\n' '  ') || true
    value=${value%"${value##*[! ]}"}
    printf '%s\t%s\n' "$key" "${value:-n/a: $why}"
}

cpu_model() { awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo; }
mitigations() { (cd /sys/devices/system/cpu/vulnerabilities && grep -v 'Not affected' ./* | sed 's|^\./||; s|$|;|'); }
governor() { sort -u /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor; }
virtual_machine() {
    if command -v systemd-detect-virt >/dev/null; then
        systemd-detect-virt --vm || true # ends with 1 for 'none', which is an answer
    elif grep -qw hypervisor /proc/cpuinfo; then
        echo 'yes (hypervisor flag)'
    else
        echo none
    fi
}
container() { systemd-detect-virt --container || true; }
commit() { git -C "$root" rev-parse HEAD; }
uncommitted() { git -C "$root" rev-parse HEAD && git -C "$root" status --porcelain | wc -l | sed 's/$/ files/'; }
sysctl_value() { cat "/proc/sys/${1//.//}"; }
protocol_hash() { sha256sum < <(cat "$build"/common/libprotocol.a.p/*.o) | cut -d' ' -f1; }
protocol_objects() { (cd "$build/common/libprotocol.a.p" && ls ./*.o) | sed 's|^\./||'; }
io_uring_probe() { "$build/aio/aio_server" --probe; }
compiler() {
    local command
    command=$(cd "$build/meson-info" && sqlite3 -batch -init /dev/null :memory: "
        select json_extract(value, '\$.target_sources[0].compiler[0]')
          from json_each(cast(readfile('intro-targets.json') as text))
         where json_extract(value, '\$.name') = 'nio_server'")
    "$command" --version | head -n 1
}
# shellcheck source=/dev/null
distribution() { (. /etc/os-release && echo "$PRETTY_NAME"); }
memory() { awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo; }
cgroup_limit() { cat "/sys/fs/cgroup/$1" || cat "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/$1"; }

# Writes everything that does not change between runs as lines of key, tab, value.
describe_host() {
    local name
    fact date - date '+%Y-%m-%d %H:%M:%S %z'
    fact load_average_at_start - cut -d' ' -f1-3 /proc/loadavg
    fact kernel - uname -sr
    fact distribution 'no /etc/os-release' distribution
    fact cpu_model 'not in /proc/cpuinfo' cpu_model
    fact cpus - nproc --all
    fact cpu_server - echo "$server_cpu"
    fact cpu_loadgen - echo "$client_cpus"
    fact memory - memory
    fact mitigations 'none reported as needed, or no /sys/devices/system/cpu/vulnerabilities' mitigations
    fact governor 'no cpufreq here: usual in virtual machines' governor
    fact virtual_machine 'systemd-detect-virt says nothing' virtual_machine
    fact container 'no systemd-detect-virt' container
    fact liburing 'no pkg-config file for liburing' pkg-config --modversion liburing
    fact io_uring 'aio_server is not built, or its --probe was refused' io_uring_probe
    fact compiler 'meson names no compiler for nio_server' compiler
    fact git_commit 'no git commit here' commit
    fact git_uncommitted 'no git commit here' uncommitted
    fact protocol_sha256 'no common/libprotocol.a.p in the build directory' protocol_hash
    fact protocol_objects 'no common/libprotocol.a.p in the build directory' protocol_objects
    for name in net.core.somaxconn net.ipv4.tcp_max_syn_backlog net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse \
        net.ipv4.tcp_max_tw_buckets net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_mem \
        net.ipv4.tcp_congestion_control net.core.rmem_max net.core.wmem_max \
        fs.file-max kernel.pid_max kernel.threads-max vm.max_map_count vm.overcommit_memory kernel.io_uring_disabled; do
        fact "sysctl $name" 'this kernel has no such setting' sysctl_value "$name"
    done
    fact port_count - echo "$port_count"
    fact 'ulimit -n (hard)' - ulimit -Hn
    fact 'ulimit -u (processes)' - ulimit -u
    fact 'ulimit -s (stack KiB)' - ulimit -s
    fact 'ulimit -l (locked KiB)' - ulimit -l
    fact 'cgroup cpu.max' 'no cgroup v2 limit visible' cgroup_limit cpu.max
    fact 'cgroup pids.max' 'no cgroup v2 limit visible' cgroup_limit pids.max
}
