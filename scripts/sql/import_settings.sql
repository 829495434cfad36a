-- import_settings.sql - settings that follow from the command line, and from the build: :targets and :options are the
-- texts of meson's intro-targets.json and intro-buildoptions.json.

-- The flags as meson passes them for a server that every build has.
insert into metadata
select 'compiler_flags', coalesce((
    select group_concat(flag.value, ' ')
      from json_each(:targets) target,
           json_each(target.value, '$.target_sources[0].parameters') flag
     where json_extract(target.value, '$.name') = 'nio_server' and flag.value not like '-I%'),
    'n/a: meson knows no target nio_server');
insert into metadata
select 'build_options', group_concat(json_extract(value, '$.name') || '=' || json_extract(value, '$.value'), ' ')
  from json_each(:options)
 where json_extract(value, '$.name') in ('buildtype', 'optimization', 'debug', 'b_ndebug', 'b_sanitize', 'b_lto');

insert into note
select 'Server and load generator share one CPU: they slow each other down, and no figure here is a capacity.'
  from setting where key = 'shared_cpu';
insert into note
select 'The machine was busy before the first run (load average ' || value || '): expect noise.'
  from metadata where key = 'load_average_at_start' and value + 0 > 0.3 * (select value from metadata where key = 'cpus');
insert into note
select 'net.core.somaxconn is ' || value || ': the servers'' backlog of 4096 is cut to that.'
  from metadata where key = 'sysctl net.core.somaxconn' and value + 0 < 4096;
