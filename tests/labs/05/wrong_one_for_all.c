/* hint: shared */
static size_t have; /* the mistake: one memory for all clients */
static uint8_t half[LENGTH_SIZE + MESSAGE_MAX];

/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    (void)d;
    while (count > 0) {
        half[have++] = *bytes++;
        count--;
        size_t length = have < LENGTH_SIZE ? 0 : (size_t)half[0] << 8 | half[1];
        if (length > MESSAGE_MAX) {
            have = 0;
            return false;
        }
        if (have < LENGTH_SIZE + length)
            continue;
        on_message(d, half + LENGTH_SIZE, length);
        have = 0;
    }
    return true;
}
