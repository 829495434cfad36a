# shellcheck shell=bash
# run.sh - one run: a fresh server, the load generator against it, and what both left into the database.
# The functions use the columns of the plan row (id, protocol, clients...) that walk_plan in compare.sh reads.
# shellcheck disable=SC2154 # these, and scripts, build, out, work and interrupted are compare.sh's; the CPUs are host.sh's

server_pid='' loadgen_pid=''

# Ends what is still running of this run. Safe to call at any time, and twice.
stop_run() {
    local pid
    for pid in $loadgen_pid $server_pid; do
        kill -KILL -- "-$pid" 2>/dev/null || true # each was started with setsid and leads its own group
        wait "$pid" 2>/dev/null || true
    done
    server_pid='' loadgen_pid=''
}

# What Ctrl-C does at once; the rest of the run then ends by itself.
stop_loadgen() {
    [[ -z $loadgen_pid ]] || kill -KILL -- "-$loadgen_pid" 2>/dev/null || true
}

# Sets server_pid, server_port and server_output (its stdout, whose end tells that the process is gone).
# Returns 1 if the server does not say within 10 s that it listens.
start_server() {
    local line arguments=(--port 0) trace=() limited=()
    if [[ $program != floor/* && $program != aio/ladder/* ]]; then # those have no other option
        arguments+=(--protocol "$protocol" --drain 2 --stats "$out/runs/$id.server.json")
        ((size <= 65536)) || arguments+=(--message-max "$size")
    fi
    # shellcheck disable=SC2206 # options is a list of words
    arguments+=($options)
    # shellcheck disable=SC2206 # so is limits
    [[ -z $limits ]] || limited=(prlimit $limits)
    if ((traced)); then
        trace=(strace -D -f -c -U 'calls,name' -o "$out/runs/$id.calls") # -D: the server keeps the process id that $! tells
    fi
    # setsid: Ctrl-C is for compare.sh, which then stops the server in order.
    setsid "${trace[@]}" taskset -c "$server_cpu" "${limited[@]}" "$build/$program" "${arguments[@]}" \
        >"$work/stdout" 2>"$out/runs/$id.server.err" &
    server_pid=$!
    exec {server_output}<"$work/stdout"
    read -r -t 10 -u "$server_output" line 2>/dev/null || return 1
    server_port=${line##*:}
    [[ $line == 'listening on '* && $server_port =~ ^[0-9]+$ ]]
}

# Asks the server to stop and waits for the end of its stdout; sets server_state and server_exit.
stop_server() {
    local line stat status=0
    server_state=ran
    # Ended before it was asked to: a zombie, or gone altogether if the shell has collected it.
    # (read, because $(<file) ends a bash 5.2 with set -e where there is no file, even in a condition.)
    if ! { read -r stat <"/proc/$server_pid/stat"; } 2>/dev/null || [[ $stat == *') Z '* ]]; then
        server_state=died
    fi
    kill -TERM "$server_pid" 2>/dev/null || true
    while read -r -t 10 -u "$server_output" line; do :; done || status=$?
    if ((status > 128)); then
        server_state=killed
        kill -KILL "$server_pid" 2>/dev/null || true
    fi
    server_exit=0
    wait "$server_pid" 2>/dev/null || server_exit=$?
    server_pid=
    # 143: of the SIGTERM itself. That is the floor's way to end, and nobody else's.
    if [[ $server_state == ran && $server_exit != 0 && ! ($server_exit == 143 && $program == floor/*) ]]; then
        server_state=died
    fi
}

# CPU time so far, in clock ticks: of all processes of the machine, taken by the hypervisor, of this script with the
# servers and load generators that it waited for. Soft interrupts are mostly our own loopback traffic: a kernel that keeps
# no account of interrupts (none since boot) charges them to our processes as well, so that they belong to both sums then.
# What ksoftirqd does is ours for the same reason.
cpu_ticks() {
    awk 'FILENAME == "/proc/stat" && $1 == "cpu" { busy = $2 + $3 + $4 + ($7 ? 0 : $8); stolen = $9 + 0 }
         FILENAME != "/proc/stat" { own += $14 + $15 + $16 + $17 }
         END { print busy, stolen, own }' /proc/stat "/proc/$$/stat" "${softirq_threads[@]}"
}
sockets_in_time_wait() { awk '/^TCP:/ { for (i = 2; i < NF; i += 2) if ($i == "tw") print $(i + 1) }' /proc/net/sockstat; }

# source_addresses CLIENTS: enough loopback addresses that the local ports suffice.
source_addresses() {
    seq -s , -f '127.0.0.%g' 1 $((($1 + port_count - 1000) / (port_count - 999) + 1))
}

# Sets loadgen_exit.
run_loadgen() {
    local arguments bound runs=1 result=/dev/null
    arguments=(--protocol "$protocol" --port "$server_port" --pipeline "$pipeline" --size "$size" --threads "$threads"
        --duration "$duration" --warmup "$warmup" --timeout "$timeout" --server-pid "$server_pid" --quiet
        --json "$out/runs/$id.loadgen.json")
    if [[ -n $search ]]; then # some twenty runs, whose connections leave their ports in TIME_WAIT for a while
        # shellcheck disable=SC2206 # search is a list of words
        arguments+=($search --source-ips "$(source_addresses 100000)")
        runs=40
    else
        arguments+=(--clients "$clients" --rate "$rate")
    fi
    # shellcheck disable=SC2206 # so is chaos
    arguments+=($chaos)
    ((active == clients)) || arguments+=(--active "$active")
    if ((reconnect)); then # each connection leaves its port in TIME_WAIT for a while
        arguments+=(--reconnect --source-ips "$(source_addresses 300000)")
    elif ((clients > port_count - 1000)); then
        arguments+=(--source-ips "$(source_addresses "$clients")")
    fi
    if [[ $generator == floor/* ]]; then
        arguments=("$server_port" "$clients" "$pipeline" "$size" "$warmup" "$duration")
        result=$out/runs/$id.loadgen.json
    fi
    # The bound is for a load generator that hangs: connecting, timing out and draining have to fit below it.
    bound=$(awk "BEGIN { print 15 + $duration + $warmup + 3 * $timeout + $clients / 1000 + ($runs - 1) * ($duration + $warmup + 2 * $timeout) }")
    setsid timeout -k 2 "$bound" taskset -c "$client_cpus" "$build/$generator" "${arguments[@]}" \
        >"$result" 2>"$out/runs/$id.loadgen.err" &
    loadgen_pid=$!
    loadgen_exit=0
    wait "$loadgen_pid" 2>/dev/null || loadgen_exit=$? # the shell would tell of a server that crashed
    ((interrupted)) || loadgen_pid=''
}

# Makes the run whose plan row walk_plan has read. Whatever goes wrong in it becomes its row in the database.
# Returns 1, and leaves no row, if it was interrupted.
run_one() {
    local load started=${EPOCHREALTIME/./} ticks_before ticks_after time_wait started_text
    load=$(cut -d' ' -f1-3 /proc/loadavg)
    ticks_before=$(cpu_ticks)
    time_wait=$(sockets_in_time_wait)
    printf -v started_text '%(%Y-%m-%d %H:%M:%S)T' -1
    server_exit=null loadgen_exit=null server_state='not started'
    if [[ $rate != unknown ]] && start_server && ((!interrupted)); then
        run_loadgen
        ((interrupted)) || stop_server
    fi
    stop_run
    ticks_after=$(cpu_ticks)
    [[ -z ${server_output-} ]] || exec {server_output}<&-
    server_output=''
    ((!interrupted)) || return 1
    db ".parameter set :id $id" ".parameter set :server_state \"'$server_state'\"" \
        ".parameter set :server_exit $server_exit" ".parameter set :loadgen_exit $loadgen_exit" \
        ".parameter set :started \"'$started_text'\"" ".parameter set :load_average \"'$load'\"" \
        ".parameter set :elapsed_s $((${EPOCHREALTIME/./} - started)).0/1e6" \
        ".parameter set :time_wait $time_wait" ".parameter set :build \"'$build'\"" ".parameter set :ticks_before \"'[${ticks_before// /,}]'\"" \
        ".parameter set :ticks_after \"'[${ticks_after// /,}]'\"" \
        ".read $scripts/sql/import_run.sql" ||
        fail "run $id cannot be added to $out/results.db: see above; the runs before it are kept there"
}
