-- schema.sql - the tables of results.db.
--
-- Reading order: setting and the three word lists (model, workload, profile) say what is wanted; plan.sql multiplies
-- them into `plan`; compare.sh walks through it, and import_run.sql adds one row to `run` for each row of `plan`.
-- Everything else (medians, labels, tables, charts) is a view: views.sql.

-- The options of compare.sh; absent: the profile's value.
create table setting (
    key   text primary key,
    value text not null
);

-- Where the figures were measured: kernel, CPU, compiler, limits... 'n/a: why' where it is not available.
create table metadata (
    key   text primary key,
    value text not null
);

-- What the reader of the results must know: dropped client counts, a busy machine...
create table note (
    text text primary key
);

create table model (
    position  integer primary key,          -- order in tables; line type in charts
    name      text unique not null,
    program   text not null,                -- relative to the build directory
    options   text not null default '',     -- besides the common ones
    yardstick integer not null default 0,   -- 1: not a model, but a yardstick that the models are compared with
    generator text not null default 'loadgen/loadgen', -- the load generator for it
    client    text not null default '',     -- its options for this server, besides the common ones
    kernel    text not null default '',     -- the first Linux that offers what it needs; '': any does
    before    text,                         -- the step before it; null: it is no step
    twin_of   text,                         -- the model whose naive twin it is; null: it is none
    missing   text                          -- why it cannot be measured here; null: it can
);

create table workload (
    position   integer primary key,
    name       text unique not null,
    title      text not null,
    phase      integer not null,            -- the phases follow one another; phase 2 needs figures of phase 1
    pipeline   integer not null default 1,  -- messages in flight per client
    size       integer not null default 64, -- payload bytes per message
    floor_size integer,                     -- for the yardstick, where a WebSocket frame's size matters; null: the same
    rate_base  text not null default 'none' check (rate_base in ('none', 'fixed', 'common', 'own')),
    rate       integer,                     -- 'fixed': messages/s of all clients
    active     integer,                     -- clients that send all the time, the others are idle; null: all
    reconnect  integer not null default 0,  -- 1: a connection for each message
    without    text references model (name), -- a model that does not run it; null: none
    rate_share real,                        -- of the smallest ('common') or of the model's own ('own') capacity
    traced     integer not null default 0,  -- 1: the server runs under strace, which counts its system calls
    search     text check (search in ('clients', 'rate')), -- a search for the most of these; null: one run
    search_min integer,                     -- where it begins
    client_rate real,                       -- a search for clients: messages/s of each
    p99_ms     real,                        -- the condition: from due to answered,
    failures_percent real,                  -- clients that may fail,
    resolution_percent real,                -- and how close to the border
    repetitions integer,                    -- null: as many as asked for
    chaos      text,                        -- bad clients beside the good ones: loadgen --chaos; null: there are none
    chaos_clients integer,                  -- how many; null: the kind says
    descriptors integer,                    -- the server's limit of them; null: none
    address_space_mib integer,              -- and of its address space
    options    text not null default '',    -- the server's, besides the model's own
    models     text,                        -- only these (of those that are no twins); null: all
    shows      text not null default 'p99' check (shows in ('p99', 'rate', 'served', 'cpu')), -- in the reliability tables
    raced      integer not null default 0,  -- 1: all models at once, slice by slice; 0: one run after another
    aftermath  integer not null default 0   -- 1: how long until the server is as it was before the run?
);

-- The workloads that a naive twin runs, beside the model that it is a twin of.
create table twin_trial (
    twin     text not null references model (name),
    workload text not null references workload (name),
    protocol text not null default 'echo' check (protocol in ('echo', 'ws')),
    primary key (twin, workload)
);

-- --quick, --full, --bench, none of them (default), or --scenario NAME: another question, with its own tables
-- (tables_scenarios.py) and charts (chart.scenario).
create table profile (
    name        text primary key,
    scenario    integer not null default 0, -- 1: asked for by --scenario
    repetitions integer not null,
    duration_s  real not null,
    warmup_s    real not null,
    race_s      real not null default 10,   -- of a race with few clients; more take longer: see race_rows.sql
    clients     text not null,
    models      text not null default 'bio,pseudo_async,nio,aio,aio_future,framework,floor', -- yardsticks are always measured
    protocols   text not null default 'echo,ws',
    single      text,                       -- why its servers are one process each; null: --processes may ask for more
    local       text                        -- why its load comes from this machine; null: --load-hosts may name others
);

-- Which workloads a profile runs, and at which client counts (null: at every count of --clients; a number: at the
-- count of --clients that is nearest to it).
create table profile_workload (
    profile  text not null references profile (name),
    workload text not null references workload (name),
    clients  integer
);

-- A race: all models of a point at the same time, slice by slice (loadgen/race). Its starts are runs of each model. The
-- id is that of the first of them.
create table race (
    id        integer primary key references plan (id),
    workload  text not null,
    protocol  text not null,
    clients   integer not null,
    seed      integer not null,
    starts    integer not null,
    rounds    integer not null,
    why       text not null,                -- why it ended: narrow, time, interrupted
    widest    real,                         -- half of the widest interval that matters, as a part of its median
    wanted    real not null,
    lane      text,                         -- whose it is
    elapsed_s real not null
);

-- What took turns in a race: a model; the floor; the control, which is one of the models once more.
create table lane (
    race       integer not null references race (id),
    name       text not null,
    slices     integer not null,
    disturbed  integer not null,            -- slices that do not count: somebody else had the CPU
    idle_share real,                        -- CPU of the server while others had their slices
    primary key (race, name)
);

create table control (
    race  integer primary key references race (id),
    model text not null                     -- which model it is
);

-- lane / against, within each round: median and its 95% interval. See loadgen/race/statistics.h.
create table ratio (
    race          integer not null references race (id),
    figure        text not null check (figure in ('rate', 'cpu', 'p99')), -- messages/s; server's CPU per message; latency
    lane          text not null,            -- NAME+chaos: the same with bad clients beside its own
    against       text not null,
    rounds        integer not null,
    median        real,
    low           real,
    high          real,
    lag1          real,
    block         integer not null,
    p             real not null,
    p_corrected   real not null,
    word          text not null check (word in ('more', 'less', 'same', 'open')),
    within        real,                     -- 'same': -+ this
    rounds_needed real,                     -- 'open': about so many would tell
    primary key (race, figure, lane, against)
) without rowid;

-- The bars of scripts/bench.sh: figure / figure of `against`, at the same workload and number of clients.
create table bar (
    position integer primary key,
    workload text not null references workload (name),
    protocol text not null,
    clients  integer not null,
    model    text not null references model (name),
    against  text not null references model (name),
    least    real                           -- null: only shown
);

-- And how many system calls a message may take, in a run under strace.
create table call_bar (
    protocol text not null,
    clients  integer not null,
    model    text not null references model (name),
    most     real not null
);

-- One row for each run, in the order in which they are run.
create table plan (
    id         integer primary key,
    phase      integer not null,
    repetition integer not null,
    workload   text not null references workload (name),
    protocol   text not null check (protocol in ('echo', 'ws')),
    clients    integer not null,
    model      text not null references model (name),
    pipeline   integer not null,
    size       integer not null,
    rate       integer,                     -- messages/s of all clients; 0: closed loop; null: not known yet
    threads    integer not null,            -- of the load generator
    duration_s real not null,
    warmup_s   real not null,
    timeout_s  real not null,
    estimate_s real not null                -- how long the run takes, roughly, with starting and stopping
);

-- One row for each run that was made: its plan row's id, and all that the load generator and the server reported.
create table run (
    id                         integer primary key references plan (id),
    status                     text not null check (status in ('ok', 'failed')),
    why                        text,        -- why it failed, or what is unusual about it
    started                    text not null,
    elapsed_s                  real not null,
    load_average               text not null,
    time_wait_before           integer,     -- sockets in TIME_WAIT on this machine before the run
    steal_s                    real,        -- CPU seconds that the hypervisor took from this machine during the run
    others_s                   real,        -- CPU seconds that other processes used meanwhile
    server_exit                integer,
    loadgen_exit               integer,
    asked                      integer,
    connected                  integer,
    upgraded                   integer,     -- null for echo, which has no upgrade
    served                     integer,
    window_s                   real,
    messages                   integer,
    messages_per_s             real,
    per_client_min             real,
    per_client_median          real,
    per_client_max             real,
    jain                       real,
    service_mean_us            real,
    service_p50_us             real,
    service_p90_us             real,
    service_p99_us             real,
    service_p999_us            real,
    service_max_us             real,
    response_p50_us            real,        -- response: null in a closed loop, where nothing is ever due
    response_p99_us            real,
    response_p999_us           real,
    response_max_us            real,
    failures_total             integer,
    http_status                integer,
    close_code                 integer,
    unfinished                 integer,
    unfinished_oldest_s        real,
    unsent                     integer,     -- open loop: due, and never sent
    unsent_oldest_s            real,
    client_cpu_s               real,
    client_cpu_share           real,
    server_cpu_s               real,
    server_cpu_share           real,
    server_cpu_us_per_message  real,
    client_cpu_us_per_message  real,
    memory_before_kib          real,
    memory_after_kib           real,
    memory_per_connection      real,        -- bytes
    kernel_per_connection      real,        -- bytes, of both ends of the connection
    switches_voluntary         integer,
    switches_involuntary       integer,
    littles_law_deviation      real,        -- beyond what the borders of the windows explain
    total_messages             integer,
    server_notes               text,        -- from here on: the server's --stats; null for the floor, which has none
    server_accepted            integer,
    server_active              integer,
    server_peak                integer,
    server_messages            integer,
    server_waits               integer,     -- what moving the bytes took: common/stats.h
    server_events              integer,
    server_submissions         integer,
    server_short_sends         integer,
    server_would_blocks        integer,
    server_no_buffers          integer,
    loadgen_io                 text,        -- how the load generator moved its bytes; null: not reported (bare client)
    server_overflows           integer,
    chaos_connections          integer,     -- what the bad clients did; null: there were none
    chaos_ended_by_server      integer,
    flash_resent               integer,     -- after a flash: messages that were sent again,
    flash_all_back_s           real,        -- and how long until all were served again; null: not all were
    descriptors_before         integer,     -- the aftermath: of the server, before the first connection,
    descriptors_peak           integer,     -- at the end of the measured time,
    descriptors_after          integer,     -- and after all clients have closed
    threads_before             integer,
    threads_peak               integer,
    threads_after              integer,
    aftermath_memory_before_kib real,
    aftermath_memory_peak_kib  real,
    aftermath_memory_after_kib real,
    served_again_s             real,        -- a new client, after the end of all others; null: it was not, in 3 s
    back_s                     real,        -- until descriptors and threads are back; null: they were not, in 3 s
    slab_per_connection        real,        -- bytes; of kernel_per_connection
    response_at_least          integer,     -- of the responses: given up, at an age that is a lower bound,
    response_at_least_from_us  real         -- and the smallest of these: percentiles from there on are lower bounds
);

-- Clients that failed, by the load generator's classes (only classes that occurred).
create table failure (
    run   integer not null references run (id),
    class text not null,
    count integer not null,
    primary key (run, class)
) without rowid;

-- Connections that the server refused or closed, by its own reasons (only reasons that occurred).
create table server_reason (
    run    integer not null references run (id),
    kind   text not null check (kind in ('refused', 'closed')),
    reason text not null,
    count  integer not null,
    primary key (run, kind, reason)
) without rowid;

-- What each host had of a run, where load came from several: compare.sh --load-hosts.
create table load_part (
    run            integer not null references run (id),
    rank           integer not null,        -- in the job; 0 has no clients
    host           text not null,
    asked          integer not null,        -- clients
    connected      integer not null,
    served         integer not null,
    failures_total integer not null,
    messages       integer not null,        -- answered in the window
    messages_per_s real,
    p50_us         real,                    -- of the open loop the response, else the service
    p99_us         real,
    client_share   real,                    -- of its CPUs: one for each thread
    clock_error_us real,                    -- how well its clock is known
    same_kernel    integer not null,        -- 1: it is on the machine of the servers, and shares its CPUs
    client_bound   integer not null,
    slow           integer not null,
    primary key (run, rank)
) without rowid;

-- What the load generator found unusual about its own run.
create table warning (
    run  integer not null references run (id),
    text text not null
);

-- What a search found: loadgen --search.
create table search (
    run                integer primary key references run (id),
    end                text not null check (end in ('answered', 'interrupted', 'gone', 'void')),
    kind               text check (kind in ('exactly', 'at least', 'none')), -- null: not one run
    value              integer,             -- the most clients, or messages/s, that is held
    not_held           integer,             -- the least that is not; null: all were
    why_not            text,
    client_limit       integer,             -- 1: there, the load generator was the limit
    confirmed          integer,             -- 1: two runs that agree on both sides of the border
    reached_max        integer,             -- 1: the largest load that may be tried is held
    held_beyond        integer,             -- held although not_held, below it, is not
    max                integer,
    max_why            text,
    p50_us             real,                -- from here: at value
    p99_us             real,
    messages_per_s     real,
    client_share       real,
    server_share       real
);

-- Each run of a search.
create table probe (
    run            integer not null references run (id),
    number         integer not null,        -- from 1, in the order in which they were made
    value          integer not null,
    clients        integer not null,
    rate           real not null,           -- of all clients
    held           integer not null,
    why            text not null,           -- held, failures, no_reply, silent, rate, p99, client_limit, client_bound
    says           text not null,
    p50_us         real,
    p99_us         real,
    messages_per_s real,
    connected      integer,
    served         integer,
    failures_total integer,
    client_share   real,
    server_share   real,
    started_s      real,                    -- after the search began
    elapsed_s      real,
    primary key (run, number)
) without rowid;

-- Clients that failed in it (only classes that occurred).
create table probe_failure (
    run    integer not null references run (id),
    number integer not null,
    class  text not null,
    count  integer not null,
    primary key (run, number, class)
) without rowid;

-- How often the server called the kernel, by name: from the traced runs, never from a timed one.
create table syscall (
    run   integer not null references run (id),
    name  text not null,
    calls integer not null,
    primary key (run, name)
) without rowid;

-- Response times of an open loop, only what its chart draws: import_run.sql.
create table histogram (
    run      integer not null references run (id),
    kind     text not null check (kind in ('service', 'response')),
    upper_ns integer not null,
    count    integer not null,
    primary key (run, kind, upper_ns)
) without rowid;

-- The servers' sources, counted as they are: scripts/report/metrics.py. value null: not countable, and detail says why.
create table source_metric (
    model  text not null,
    metric text not null,
    value  real,
    detail text not null default '',
    primary key (model, metric)
);

-- The backtrace exam: scripts/report/exam.py.
create table exam_answer (
    model    text not null,
    question integer not null,
    answered integer,                       -- null: not asked; evidence says why
    evidence text not null,
    primary key (model, question)
);

-- One conversation, from a run under strace: scripts/report/conversation.py, journey.py. Its order is right; its
-- durations are strace's.
create table journey_event (
    id       integer primary key,
    model    text not null,
    lane     text not null,
    start_us real not null,
    end_us   real not null,
    state    text not null,
    call     text not null,
    text     text not null
);

-- What the reader predicted before the run: compare.sh --predictions.
create table prediction (
    model text not null references model (name),
    topic text not null,
    word  text not null,
    primary key (model, topic)
);

-- What textbooks say. aio_future is their AIO, too.
create table textbook (
    topic    text not null,
    position integer not null,
    model    text not null references model (name),
    word     text not null,                 -- a prediction uses the same words
    primary key (topic, model)
);

-- The notes' words, and the page's, in both languages.
create table word (
    word text primary key,
    zh   text not null
);

-- Another run, which this one is compared with: compare.sh --against. A figure is a median over the repetitions.
create table against_figure (
    workload text not null,
    protocol text not null,
    clients  integer not null,
    model    text not null,
    figure   text not null,
    runs     integer not null,
    median   real not null,
    least    real not null,
    greatest real not null,
    primary key (workload, protocol, clients, model, figure)
);

create table against_preface (
    what  text primary key,
    value text
);
