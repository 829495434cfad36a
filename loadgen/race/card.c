/* card.c - see card.h. */
#include "race/card.h"
#include "meaning/die.h"
#include "race/rounds.h"
#include <string.h>
#include <sys/random.h>

/* The member `name` of type `type`; a mistake if it is missing. */
static json_t *member(json_t *object, const char *name, json_type type) {
    json_t *value = json_object_get(object, name);

    if (value == NULL || json_typeof(value) != type)
        die("race: the card's \"%s\" is missing, or of the wrong kind; see race/card.h", name);
    return value;
}

static double number_from(json_t *object, const char *name, double least, double most) {
    json_t *value = json_object_get(object, name);
    double number = json_number_value(value);

    if (!json_is_number(value) || !(number >= least && number <= most))
        die("race: the card's \"%s\" must be a number from %g to %g", name, least, most);
    return number;
}

static int whole_number_from(json_t *object, const char *name, int least, int most) {
    int number = (int)number_from(object, name, least, most);

    if (!json_is_integer(json_object_get(object, name)))
        die("race: the card's \"%s\" must be a whole number", name);
    return number;
}

static bool truth_from(json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);

    if (value != NULL && !json_is_boolean(value))
        die("race: the card's \"%s\" must be true or false", name);
    return json_is_true(value);
}

/* A word that nobody reads is a typing error. `known` ends with NULL. */
static void refuse_others(json_t *object, const char *const *known) {
    const char *name;
    json_t *value;

    json_object_foreach (object, name, value) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], name) != 0)
            i++;
        if (known[i] == NULL)
            die("race: the card has a \"%.60s\", which means nothing; see race/card.h", name);
    }
}

static void take_words(json_t *object, const char *name, const char *words[WORDS_MAX + 1]) {
    json_t *list = member(object, name, JSON_ARRAY), *word;
    size_t i;

    if (json_array_size(list) == 0 || json_array_size(list) > WORDS_MAX)
        die("race: the card's \"%s\" must have 1 to %d words", name, WORDS_MAX);
    json_array_foreach (list, i, word) {
        if (!json_is_string(word))
            die("race: the card's \"%s\" must be words", name);
        words[i] = json_string_value(word);
    }
}

static void take_runner(json_t *object, struct runner_card *runner) {
    static const char *const known[] = {
        "name", "matters", "server", "server_says", "loadgen", "loadgen_says", "processes", NULL};

    refuse_others(object, known);
    runner->name = json_string_value(member(object, "name", JSON_STRING));
    if (strlen(runner->name) == 0 || strlen(runner->name) > NAME_MAX_BYTES)
        die("race: a runner's \"name\" must have 1 to %d bytes", NAME_MAX_BYTES);
    runner->matters = truth_from(object, "matters");
    runner->processes = 1;
    if (json_object_get(object, "processes") != NULL)
        runner->processes = whole_number_from(object, "processes", 1, PROCESSES_MAX);
    take_words(object, "server", runner->server);
    take_words(object, "loadgen", runner->loadgen);
    runner->server_says = json_string_value(member(object, "server_says", JSON_STRING));
    runner->loadgen_says = json_string_value(member(object, "loadgen_says", JSON_STRING));
}

static void take_runners(struct card *card) {
    json_t *list = member(card->json, "runners", JSON_ARRAY), *object;
    size_t i;

    card->count = json_array_size(list);
    if (card->count == 0 || card->count > RUNNERS_MAX)
        die("race: the card must have 1 to %d runners", RUNNERS_MAX);
    json_array_foreach (list, i, object) {
        take_runner(object, &card->runners[i]);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(card->runners[k].name, card->runners[i].name) == 0)
                die("race: two runners are called '%s'; give each its own name", card->runners[i].name);
        }
    }
}

static void take_seed(struct card *card) {
    json_t *seed = json_object_get(card->json, "seed");

    card->seed = (uint64_t)json_integer_value(seed);
    if (seed != NULL && (!json_is_integer(seed) || json_integer_value(seed) < 0))
        die("race: the card's \"seed\" must be a whole number, not below 0");
    if (seed == NULL && getrandom(&card->seed, sizeof card->seed, 0) != sizeof card->seed)
        die("race: no random seed; give \"seed\"");
    card->seed &= INT64_MAX; /* JSON has no larger number */
}

void card_read(struct card *card, FILE *in) {
    static const char *const known[] = {"starts", "seconds", "slice_ms", "skip", "width", "shared_cpu", "disturb",
        "follow", "seed", "against", "runners", NULL};
    json_error_t error;

    memset(card, 0, sizeof *card);
    card->json = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
    if (card->json == NULL)
        die("race: the card is no JSON: line %d: %s", error.line, error.text);
    refuse_others(card->json, known);
    card->starts = whole_number_from(card->json, "starts", 1, STARTS_MAX);
    card->seconds = number_from(card->json, "seconds", 0.1, 24 * 3600);
    card->slice_ms = number_from(card->json, "slice_ms", 1, 10000);
    card->skip = number_from(card->json, "skip", 0, 0.9);
    card->width = number_from(card->json, "width", 0, 1);
    card->shared_cpu = truth_from(card->json, "shared_cpu");
    card->disturb = truth_from(card->json, "disturb");
    card->follow = truth_from(card->json, "follow");
    card->against = json_string_value(member(card->json, "against", JSON_STRING));
    take_seed(card);
    take_runners(card);
}

void card_close(struct card *card) {
    json_decref(card->json);
}
