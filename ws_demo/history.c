#include "history.h"
#include "command_line.h"
#include "now.h"
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file is ours if its application_id and user_version, at these offsets in SQLite's header, say so. SCHEMA_VERSION
 * changes with the tables. See https://sqlite.org/fileformat.html. */
#define APPLICATION_ID 0x57736448 /* "WsdH" */
#define SCHEMA_VERSION 1
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)
enum { VERSION_AT = 60, APPLICATION_AT = 68, HEADER_SIZE = 100 };

static const char schema[] =
    "begin;"
    "create table room (name text primary key, epoch text not null, maker text not null,"
    " last integer not null default 0, used integer not null default 0) without rowid;"
    "create table message (room text not null references room on delete cascade, seq integer not null,"
    " owner text not null, id text not null, sender text not null, body text not null, at real not null,"
    " primary key (room, seq), unique (room, owner, id)) without rowid;"
    "pragma application_id = " TEXT_OF(APPLICATION_ID) "; pragma user_version = " TEXT_OF(SCHEMA_VERSION) "; commit;";
/* WAL last: application_id and user_version must be in the file itself, not in the WAL; the next start reads them
 * there. */
static const char settings[] = "pragma foreign_keys = on; pragma journal_mode = wal; pragma synchronous = off;";

enum query {
    FIND,
    USED,
    MAKE,
    COUNT,
    ROOMS,
    FORGET,
    NEXT,
    LAST,
    STORE,
    TRIM,
    KNOWN,
    EACH,
    BEGIN,
    COMMIT,
    ROLLBACK,
    QUERIES
};

#define MESSAGE "select seq, owner, id, sender, body, at from message "
static const char *const texts[QUERIES] = {
    [FIND] = "select epoch, last, (select min(seq) from message where room = ?1) from room where name = ?1",
    [USED] = "update room set used = (select max(used) + 1 from room) where name = ?1",
    [MAKE] = "insert into room (name, epoch, maker, used) values (?1, ?2, ?3,"
             " (select coalesce(max(used), 0) + 1 from room))",
    [COUNT] = "select count(*) from room",
    [ROOMS] = "select name from room as r order by (select count(*) from room where maker = r.maker) desc,"
              " (select count(*) from message where room = r.name), used",
    [FORGET] = "delete from room where name = ?1",
    [NEXT] = "update room set last = last + 1 where name = ?1 returning last",
    [LAST] = "update room set last = ?2 where name = ?1",
    [STORE] = "insert into message values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [TRIM] = "delete from message where room = ?1 and seq <= ?2",
    [KNOWN] = MESSAGE "where room = ?1 and owner = ?2 and id = ?3",
    [EACH] = MESSAGE "where room = ?1 and seq > ?2 order by seq",
    [BEGIN] = "begin immediate",
    [COMMIT] = "commit",
    [ROLLBACK] = "rollback",
};

static sqlite3 *database;
static sqlite3_stmt *statements[QUERIES];
static const char *file_name; /* NULL: memory */
static char why[128];         /* the last failure; "": no memory */
static bool stores = true;    /* the last message could be stored, or the last try after it could */

const char *history_failure(void) {
    return why[0] == '\0' ? NULL : why;
}

/* Remembers why SQLite has failed, and prints a new reason. LIMIT: one line per second, and for the same reason one per
 * minute: guests could make it fail as often as they like. Always returns false. */
static bool failed(void) {
    static int told = SQLITE_OK;
    static int64_t told_ms;
    int code = sqlite3_errcode(database);
    int64_t since_ms = now_ms() - told_ms;
    snprintf(why, sizeof why, "%s", code == SQLITE_NOMEM ? "" : sqlite3_errmsg(database));
    if (told != SQLITE_OK && since_ms < (code == told ? 60 * 1000 : 1000))
        return false;
    told = code;
    told_ms = now_ms();
    error(0, 0, "the history%s%s: %s: what is said is refused until it can be kept again", file_name ? " in " : "",
        file_name ? file_name : "", why[0] ? why : "no memory");
    return false;
}

/* ---- opening ---- */

static void die(const char *reason, const char *what_to_do) {
    error(EXIT_SETUP, 0, "--history %s: %s; %s", file_name ? file_name : "", reason, what_to_do);
}

static const char another[] = "name another file, or one that does not exist yet";
static const char cannot_write[] = "name a file that can be written to, and that no other server has";

static uint32_t number_at(const uint8_t *header, int at) {
    return (uint32_t)header[at] << 24 | (uint32_t)header[at + 1] << 16 | (uint32_t)header[at + 2] << 8 | header[at + 3];
}

/* Looks at the file before SQLite does: a file that is not ours is not changed, not even locked. Returns false for a
 * file that is empty or does not exist: it must still be made. */
static bool file_is_ours(void) {
    uint8_t header[HEADER_SIZE];
    struct stat file;
    if (stat(file_name, &file) != 0 && errno == ENOENT)
        return false;
    int fd = open(file_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &file) != 0)
        die(strerror(errno), "name a file that can be read and written");
    if (!S_ISREG(file.st_mode))
        die("not a regular file", another);
    ssize_t count = read(fd, header, sizeof header);
    close(fd); /* before SQLite opens it: a later close() would drop SQLite's locks on it */
    if (count == 0)
        return false;
    if (count < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0)
        die("not a history, nor any SQLite database", another);
    if (number_at(header, APPLICATION_AT) != APPLICATION_ID)
        die("a database, but not a history of ws_demo", another);
    if (number_at(header, VERSION_AT) != SCHEMA_VERSION)
        die("the history of another version of ws_demo", another);
    return true;
}

static void execute(const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(database), cannot_write);
}

/* The maker of the file may have put triggers and views into it: they are disabled. And a damaged file is found now,
 * not by the first guest. */
static void check_file(void) {
    sqlite3_stmt *check;
    const char *result = NULL;
    static const int safe[] = {SQLITE_DBCONFIG_DEFENSIVE, 1, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
        SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, SQLITE_DBCONFIG_ENABLE_VIEW, 0};
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i += 2)
        sqlite3_db_config(database, safe[i], safe[i + 1], NULL);
    if (sqlite3_prepare_v2(database, "pragma integrity_check(1)", -1, &check, NULL) == SQLITE_OK &&
        sqlite3_step(check) == SQLITE_ROW)
        result = (const char *)sqlite3_column_text(check, 0);
    bool is_damaged = result ? strcmp(result, "ok") != 0 : sqlite3_errcode(database) == SQLITE_CORRUPT;
    if (is_damaged)
        die("damaged", "name another file; `sqlite3 FILE .recover` may save what is in it");
    if (!result)
        die(sqlite3_errmsg(database), cannot_write);
    sqlite3_finalize(check);
    if (sqlite3_db_readonly(database, "main"))
        die("it cannot be written to", cannot_write);
}

/* Some names have a special meaning to SQLite (":memory:", "file:...", ""). A path that begins with "/" or "./" has
 * none.
 */
static void open_file(void) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s%s", file_name[0] == '/' ? "" : "./", file_name);
    bool is_ours = file_is_ours();
    if (length >= (int)sizeof path || sqlite3_open(path, &database) != SQLITE_OK)
        die(database ? sqlite3_errmsg(database) : "no memory", "name a file in a directory that can be written to");
    execute("pragma locking_mode = exclusive;");
    if (is_ours)
        check_file();
    else
        execute(schema);
}

void history_open(const char *path) {
    file_name = path;
    if (path && (path[0] == '\0' || strcmp(path, ":memory:") == 0))
        error(EXIT_SETUP, 0, "--history takes the name of a file, not '%s'; without it the history is in memory", path);
    if (path) {
        open_file();
    } else {
        if (sqlite3_open(":memory:", &database) != SQLITE_OK)
            die("no memory", "free some");
        execute(schema);
    }
    execute(settings);
    for (int i = 0; i < QUERIES; i++)
        if (sqlite3_prepare_v3(database, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL) != SQLITE_OK)
            die(sqlite3_errmsg(database), another);
}

void history_close(void) {
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close(database);
}

/* ---- queries ---- */

static sqlite3_stmt *query(enum query q) {
    sqlite3_reset(statements[q]);
    return statements[q];
}

/* `text` must stay valid until the statement has run. */
static void bind_text(sqlite3_stmt *s, int at, const char *text) {
    sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

/* Runs a statement that has no rows. */
static bool finish(sqlite3_stmt *s) {
    bool done = sqlite3_step(s) == SQLITE_DONE || failed();
    sqlite3_reset(s);
    return done;
}

static bool run_for(enum query q, const char *room) {
    sqlite3_stmt *s = query(q);
    bind_text(s, 1, room);
    return finish(s);
}

/* Steps to the next row; *found: there is one. False on an error. */
static bool step(sqlite3_stmt *s, bool *found) {
    int code = sqlite3_step(s);
    *found = code == SQLITE_ROW;
    return *found || code == SQLITE_DONE || failed();
}

static bool new_epoch(char epoch[EPOCH_SIZE]) {
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random) {
        snprintf(why, sizeof why, "no random numbers");
        return false;
    }
    snprintf(epoch, EPOCH_SIZE, "%016" PRIx64, random);
    return true;
}

bool history_room(const char *name, struct history_room *room) {
    sqlite3_stmt *s = query(FIND);
    bool found;
    bind_text(s, 1, name);
    bool in_order = step(s, &found);
    if (found) {
        const char *epoch = (const char *)sqlite3_column_text(s, 0);
        in_order = epoch != NULL || failed();
        snprintf(room->epoch, sizeof room->epoch, "%s", epoch ? epoch : "");
        room->last = sqlite3_column_int64(s, 1);
        bool is_empty = sqlite3_column_type(s, 2) == SQLITE_NULL;
        room->oldest = is_empty ? room->last + 1 : sqlite3_column_int64(s, 2);
    }
    sqlite3_reset(s);
    if (in_order && found)
        return run_for(USED, name);
    *room = found ? *room : (struct history_room){.oldest = 1};
    return in_order && new_epoch(room->epoch);
}

/* LIMIT: ROOMS_MAX rooms. When there are that many, one that nobody is in is deleted (history.h). */
static enum history_stored make_place(bool (*in_use)(const char *name)) {
    char first[NAME_SIZE] = "";
    bool found;
    sqlite3_stmt *s = query(COUNT);
    if (!step(s, &found))
        return HISTORY_FAILED;
    int count = sqlite3_column_int(s, 0);
    sqlite3_reset(s);
    if (count < ROOMS_MAX)
        return HISTORY_NEW;
    s = query(ROOMS);
    bool in_order = step(s, &found);
    for (; found && first[0] == '\0'; in_order = step(s, &found)) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        if (name && !in_use(name))
            snprintf(first, sizeof first, "%s", name);
    }
    sqlite3_reset(s);
    if (in_order && first[0] == '\0')
        return HISTORY_FULL;
    return in_order && run_for(FORGET, first) ? HISTORY_NEW : HISTORY_FAILED;
}

static bool make(const char *name, const char *epoch, const char *address) {
    sqlite3_stmt *s = query(MAKE);
    bind_text(s, 1, name);
    bind_text(s, 2, epoch);
    bind_text(s, 3, address);
    return finish(s);
}

static struct history_message message_of(sqlite3_stmt *s) {
    return (struct history_message){.seq = sqlite3_column_int64(s, 0),
        .owner = (const char *)sqlite3_column_text(s, 1),
        .id = (const char *)sqlite3_column_text(s, 2),
        .from = (const char *)sqlite3_column_text(s, 3),
        .text = (const char *)sqlite3_column_text(s, 4),
        .at_ms = sqlite3_column_double(s, 5)};
}

static bool is_whole(const struct history_message *m) {
    return m->owner && m->id && m->from && m->text; /* else there was no memory for them */
}

static bool next_number(const char *room, int64_t *seq) {
    sqlite3_stmt *s = query(NEXT);
    bool found;
    bind_text(s, 1, room);
    bool in_order = step(s, &found) && found;
    if (in_order)
        *seq = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return in_order;
}

static bool insert(const char *room, const struct history_message *m) {
    sqlite3_stmt *s = query(STORE);
    bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, m->seq);
    bind_text(s, 3, m->owner);
    bind_text(s, 4, m->id);
    bind_text(s, 5, m->from);
    bind_text(s, 6, m->text);
    sqlite3_bind_double(s, 7, m->at_ms);
    return finish(s);
}

static bool run_with(enum query q, const char *room, int64_t number) {
    sqlite3_stmt *s = query(q);
    bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, number);
    return finish(s);
}

/* The texts of *m are valid until the next call. */
enum history_stored history_find(const char *room, struct history_message *m) {
    sqlite3_stmt *s = query(KNOWN);
    bool found;
    bind_text(s, 1, room);
    bind_text(s, 2, m->owner);
    bind_text(s, 3, m->id);
    bool in_order = step(s, &found);
    if (found) {
        *m = message_of(s);
        return is_whole(m) || failed() ? HISTORY_KNOWN : HISTORY_FAILED;
    }
    sqlite3_reset(s);
    return in_order ? HISTORY_NEW : HISTORY_FAILED;
}

/* Commits the transaction, or rolls it back. */
static enum history_stored end(enum history_stored stored) {
    if (stored == HISTORY_NEW && finish(query(COMMIT)))
        return HISTORY_NEW;
    if (!sqlite3_get_autocommit(database)) { /* SQLite has not rolled it back itself */
        sqlite3_step(query(ROLLBACK));
        sqlite3_reset(statements[ROLLBACK]);
    }
    return stored == HISTORY_NEW ? HISTORY_FAILED : stored;
}

static void has_grown(struct history_room *room, int64_t last) {
    if (room->oldest > room->last) /* it was empty */
        room->oldest = last;
    room->last = last;
    if (room->oldest <= last - HISTORY_MAX)
        room->oldest = last - HISTORY_MAX + 1;
}

static enum history_stored store(const char *name, struct history_room *room, const char *address,
    bool (*in_use)(const char *name), struct history_message *m) {
    enum history_stored stored = history_find(name, m);
    if (stored != HISTORY_NEW)
        return stored;
    if (!finish(query(BEGIN)))
        return HISTORY_FAILED;
    if (room->last == 0)
        stored = make_place(in_use);
    if (stored == HISTORY_NEW && room->last == 0 && !make(name, room->epoch, address))
        stored = HISTORY_FAILED;
    if (stored == HISTORY_NEW &&
        !(next_number(name, &m->seq) && insert(name, m) && run_with(TRIM, name, m->seq - HISTORY_MAX)))
        stored = HISTORY_FAILED;
    stored = end(stored);
    if (stored == HISTORY_NEW)
        has_grown(room, m->seq);
    return stored;
}

enum history_stored history_store(const char *name, struct history_room *room, const char *address,
    bool (*in_use)(const char *name), struct history_message *m) {
    enum history_stored stored = store(name, room, address, in_use, m);
    if (stored == HISTORY_NEW || stored == HISTORY_FAILED)
        stores = stored == HISTORY_NEW;
    return stored;
}

/* Writes the version that is there already. */
bool history_is_well(void) {
    static int64_t tried_ms;
    if (!stores && (tried_ms == 0 || now_ms() - tried_ms >= 1000)) {
        tried_ms = now_ms();
        stores =
            sqlite3_exec(database, "pragma user_version = " TEXT_OF(SCHEMA_VERSION), NULL, NULL, NULL) == SQLITE_OK;
    }
    return stores;
}

bool history_each(
    const char *room, int64_t after, bool (*each)(const struct history_message *m, void *argument), void *argument) {
    sqlite3_stmt *s = query(EACH);
    bool found = true, in_order = true, more = true;
    bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, after);
    while (more && (in_order = step(s, &found)) && found) {
        struct history_message m = message_of(s);
        in_order = is_whole(&m) || failed();
        more = in_order && each(&m, argument);
    }
    sqlite3_reset(s);
    return in_order;
}

/* ---- a copy ---- */

bool history_begin(const char *name, const char *epoch, int64_t last, struct history_room *room) {
    if (!finish(query(BEGIN)))
        return false;
    bool made = run_for(FORGET, name) && make(name, epoch, "") && run_with(LAST, name, last);
    if (end(made ? HISTORY_NEW : HISTORY_FAILED) != HISTORY_NEW)
        return false;
    *room = (struct history_room){.oldest = last + 1, .last = last};
    snprintf(room->epoch, sizeof room->epoch, "%s", epoch);
    return true;
}

bool history_insert(const char *name, struct history_room *room, const struct history_message *m) {
    if (!finish(query(BEGIN)))
        return false;
    bool stored = run_with(LAST, name, m->seq) && insert(name, m) && run_with(TRIM, name, m->seq - HISTORY_MAX);
    if (end(stored ? HISTORY_NEW : HISTORY_FAILED) != HISTORY_NEW)
        return false;
    has_grown(room, m->seq);
    return true;
}

void history_forget(const char *name) {
    run_for(FORGET, name);
}
