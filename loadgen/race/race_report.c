/* race_report.c - see race_report.h. A number that is not known is null. */
#include "race/race_report.h"
#include "meaning/json.h"
#include <stdlib.h>

enum { DIGITS = 9 }; /* of a real number */

/* Flushed: somebody may be reading while the race goes on. Whether all could be written is asked at the end, by main.
 */
static void print_line(json_t *line) {
    (void)json_line(stdout, line, DIGITS);
}

void tell_begin(const struct card *card) {
    print_line(json_pack("{s:s, s:I, s:i, s:f, s:f, s:f, s:f, s:s}", "line", "begin", "seed", (json_int_t)card->seed,
        "starts", card->starts, "seconds", card->seconds, "slice_ms", card->slice_ms, "skip", card->skip, "width",
        card->width, "against", card->against));
}

void tell_ready(int start, const char *runner, json_t *ready) {
    print_line(json_pack("{s:s, s:i, s:s, s:o}", "line", "ready", "start", start, "runner", runner, "loadgen", ready));
}

void tell_out(int start, const char *runner, const char *why) {
    print_line(json_pack("{s:s, s:i, s:s, s:s}", "line", "out", "start", start, "runner", runner, "why", why));
}

void tell_stopped(int start, const char *runner, int loadgen_exit, int server_exit, bool killed) {
    print_line(json_pack("{s:s, s:i, s:s, s:i, s:i, s:b}", "line", "stopped", "start", start, "runner", runner,
        "loadgen_exit", loadgen_exit, "server_exit", server_exit, "killed", killed));
}

void tell_idle(int start, const char *runner, double cpu_s, double seconds) {
    print_line(json_pack("{s:s, s:i, s:s, s:o, s:o}", "line", "idle", "start", start, "runner", runner, "cpu_s",
        number(cpu_s), "seconds", number(seconds)));
}

void tell_slice(int start, int round, const char *lane, bool counts, const char *why, json_t *slice) {
    print_line(json_pack("{s:s, s:i, s:i, s:s, s:b, s:s?, s:O}", "line", "slice", "start", start, "round", round,
        "lane", lane, "counts", counts, "disturbed", why, "loadgen", slice));
}

void tell_standing(int start, size_t rounds, double widest, const char *lane, double elapsed_s) {
    print_line(json_pack("{s:s, s:i, s:I, s:o, s:s, s:f}", "line", "standing", "start", start, "rounds",
        (json_int_t)rounds, "widest", number(widest), "lane", lane, "elapsed_s", elapsed_s));
}

static void set_quartiles(json_t *object, const struct rounds *r, size_t lane, enum figure figure) {
    double quartiles[3];
    size_t count = rounds_figure(r, lane, figure, quartiles);

    json_object_set_new(object, figure_name(figure),
        json_pack("{s:I, s:o, s:o, s:o}", "rounds", (json_int_t)count, "low", number(quartiles[0]), "median",
            number(quartiles[1]), "high", number(quartiles[2])));
}

void tell_lane(const struct rounds *r, size_t lane, const struct lane *names) {
    json_t *line = json_pack("{s:s, s:s, s:I, s:I}", "line", "lane", "lane", names->name, "slices",
        (json_int_t)names->slices, "disturbed", (json_int_t)names->disturbed_slices);

    for (enum figure figure = 0; figure < FIGURES; figure++)
        set_quartiles(line, r, lane, figure);
    print_line(line);
}

static void tell_pair(const struct pair *p, const struct lane *lanes) {
    print_line(json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:s, s:o, s:o}", "line", "pair",
        "figure", figure_name(p->figure), "lane", lanes[p->a].name, "against", lanes[p->b].name, "rounds",
        (json_int_t)p->ratio.rounds, "median", number(p->ratio.median), "low", number(p->ratio.low), "high",
        number(p->ratio.high), "lag1", number(p->ratio.lag1), "block", (json_int_t)p->ratio.block, "p",
        number(p->ratio.p), "p_corrected", number(p->p_corrected), "word", word_name(p->word), "within",
        p->word == WORD_SAME ? number(p->within) : json_null(), "rounds_needed", number(p->rounds_needed)));
}

void tell_pairs(const struct rounds *r, enum figure figure, const struct lane *lanes) {
    struct pair *pairs;
    size_t count = rounds_pairs(r, figure, &pairs);

    for (size_t i = 0; i < count; i++)
        tell_pair(&pairs[i], lanes);
    free(pairs);
}

void tell_end(const char *why, size_t rounds, double widest, double wanted, const char *lane, double elapsed_s) {
    print_line(json_pack("{s:s, s:s, s:I, s:o, s:f, s:s, s:f}", "line", "end", "why", why, "rounds", (json_int_t)rounds,
        "widest", number(widest), "wanted", wanted, "lane", lane, "elapsed_s", elapsed_s));
}
