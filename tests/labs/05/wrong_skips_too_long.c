/* hint: goes_on */
/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    bool accepted = true;
    while (count > 0) {
        d->bytes[d->count++] = *bytes++;
        count--;
        if (d->count < LENGTH_SIZE)
            continue;
        size_t length = (size_t)d->bytes[0] << 8 | d->bytes[1];
        if (length > MESSAGE_MAX) { /* the mistake: says so, and looks for a message in its payload */
            accepted = false;
            size_t skip = count < length ? count : length;
            bytes += skip;
            count -= skip;
            d->count = 0;
            continue;
        }
        if (d->count < LENGTH_SIZE + length)
            continue;
        on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0;
    }
    return accepted;
}
