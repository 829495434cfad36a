#include "history.h"
#include "command_line.h"
#include <error.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static const char schema[] =
    "pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = off; pragma foreign_keys = on;"
    "create table if not exists room (name text primary key, epoch text not null,"
    " last integer not null default 0, used integer not null default 0) without rowid;"
    "create table if not exists message (room text not null references room on delete cascade,"
    " seq integer not null, id text not null, sender text not null, body text not null,"
    " at real not null, primary key (room, seq), unique (room, id)) without rowid;";

enum query { FIND, USED, MAKE, ROOMS, FORGET, NEXT, STORE, TRIM, KNOWN, EACH, BEGIN, COMMIT, ROLLBACK, QUERIES };

static const char *const texts[QUERIES] = {
    [FIND] = "select epoch, last, (select min(seq) from message where room = ?1) from room where name = ?1",
    [USED] = "update room set used = (select max(used) + 1 from room) where name = ?1",
    [MAKE] = "insert into room (name, epoch) values (?1, ?2)",
    [ROOMS] = "select name from room order by used",
    [FORGET] = "delete from room where name = ?1",
    [NEXT] = "update room set last = last + 1 where name = ?1 returning last",
    [STORE] = "insert into message values (?1, ?2, ?3, ?4, ?5, ?6)",
    [TRIM] = "delete from message where room = ?1 and seq <= ?2",
    [KNOWN] = "select seq, id, sender, body, at from message where room = ?1 and id = ?2",
    [EACH] = "select seq, id, sender, body, at from message where room = ?1 and seq > ?2 order by seq",
    [BEGIN] = "begin immediate",
    [COMMIT] = "commit",
    [ROLLBACK] = "rollback",
};

static sqlite3 *database;
static sqlite3_stmt *statements[QUERIES];

static void die(const char *path) {
    error(EXIT_SETUP, 0, "--history %s: %s; name a file in a directory that can be written to", path,
        sqlite3_errmsg(database));
}

void history_open(const char *path) {
    const char *name = path ? path : ":memory:";
    if (sqlite3_open(name, &database) != SQLITE_OK || sqlite3_exec(database, schema, NULL, NULL, NULL) != SQLITE_OK)
        die(name);
    for (int i = 0; i < QUERIES; i++)
        if (sqlite3_prepare_v3(database, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL) != SQLITE_OK)
            die(name);
}

void history_close(void) {
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close(database);
}

static sqlite3_stmt *query(enum query q) {
    sqlite3_reset(statements[q]);
    return statements[q];
}

/* `text` must hold until the statement was run. */
static void bind_text(sqlite3_stmt *s, int at, const char *text) {
    sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

/* Runs a statement that has no rows. */
static bool finish(sqlite3_stmt *s) {
    bool done = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return done;
}

static bool run(enum query q) {
    return finish(query(q));
}

static bool run_for(enum query q, const char *room) {
    sqlite3_stmt *s = query(q);
    bind_text(s, 1, room);
    return finish(s);
}

static bool find(const char *name, struct history_room *room) {
    sqlite3_stmt *s = query(FIND);
    bind_text(s, 1, name);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        snprintf(room->epoch, sizeof room->epoch, "%s", (const char *)sqlite3_column_text(s, 0));
        room->last = sqlite3_column_int64(s, 1);
        bool is_empty = sqlite3_column_type(s, 2) == SQLITE_NULL;
        room->oldest = is_empty ? room->last + 1 : sqlite3_column_int64(s, 2);
    }
    sqlite3_reset(s);
    return found;
}

/* LIMIT: rooms. When there are that many, the one that was left longest ago is forgotten. */
static bool make_place(bool (*in_use)(const char *name)) {
    char oldest[NAME_SIZE] = "";
    int count = 0;
    sqlite3_stmt *s = query(ROOMS);
    for (; sqlite3_step(s) == SQLITE_ROW; count++) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        if (oldest[0] == '\0' && !in_use(name))
            snprintf(oldest, sizeof oldest, "%s", name);
    }
    sqlite3_reset(s);
    return count < ROOMS_MAX || (oldest[0] != '\0' && run_for(FORGET, oldest));
}

static bool make(const char *name) {
    char epoch[17];
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return false;
    snprintf(epoch, sizeof epoch, "%016" PRIx64, random);
    sqlite3_stmt *s = query(MAKE);
    bind_text(s, 1, name);
    bind_text(s, 2, epoch);
    return finish(s);
}

bool history_room(const char *name, struct history_room *room, bool (*in_use)(const char *name)) {
    if (!find(name, room) && !(make_place(in_use) && make(name) && find(name, room)))
        return false;
    run_for(USED, name); /* without it the room gives way a little early */
    return true;
}

static struct history_message message_of(sqlite3_stmt *s) {
    return (struct history_message){.seq = sqlite3_column_int64(s, 0),
        .id = (const char *)sqlite3_column_text(s, 1),
        .from = (const char *)sqlite3_column_text(s, 2),
        .text = (const char *)sqlite3_column_text(s, 3),
        .at_ms = sqlite3_column_double(s, 4)};
}

static bool next_number(const char *room, int64_t *seq) {
    sqlite3_stmt *s = query(NEXT);
    bind_text(s, 1, room);
    bool done = sqlite3_step(s) == SQLITE_ROW;
    if (done)
        *seq = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return done;
}

static bool store(const char *room, const struct history_message *m) {
    sqlite3_stmt *s = query(STORE);
    bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, m->seq);
    bind_text(s, 3, m->id);
    bind_text(s, 4, m->from);
    bind_text(s, 5, m->text);
    sqlite3_bind_double(s, 6, m->at_ms);
    return finish(s);
}

static bool trim(const char *room, int64_t up_to) {
    sqlite3_stmt *s = query(TRIM);
    bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, up_to);
    return finish(s);
}

enum history_stored history_store(const char *room, struct history_message *m) {
    sqlite3_stmt *s = query(KNOWN);
    bind_text(s, 1, room);
    bind_text(s, 2, m->id);
    if (sqlite3_step(s) == SQLITE_ROW) {
        *m = message_of(s); /* holds until the statement is run again */
        return HISTORY_KNOWN;
    }
    sqlite3_reset(s);
    if (!run(BEGIN))
        return HISTORY_FAILED;
    if (next_number(room, &m->seq) && store(room, m) && trim(room, m->seq - HISTORY_MAX) && run(COMMIT))
        return HISTORY_NEW;
    run(ROLLBACK);
    return HISTORY_FAILED;
}

void history_each(
    const char *room, int64_t after, bool (*each)(const struct history_message *m, void *argument), void *argument) {
    sqlite3_stmt *s = query(EACH);
    bool more = true;
    bind_text(s, 1, room);
    sqlite3_bind_int64(s, 2, after);
    while (more && sqlite3_step(s) == SQLITE_ROW) {
        struct history_message m = message_of(s);
        more = each(&m, argument);
    }
    sqlite3_reset(s);
}
