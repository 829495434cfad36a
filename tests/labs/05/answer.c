/* How many bytes of the current message must be here before decode can go on: its length, then all of it. */
static size_t needed(const struct decoder *d) {
    return d->count < LENGTH_SIZE ? LENGTH_SIZE : LENGTH_SIZE + ((size_t)d->bytes[0] << 8 | d->bytes[1]);
}

/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    for (;;) {
        size_t need = needed(d);
        if (need > sizeof d->bytes)
            return false;
        if (d->count == need) {
            on_message(d, d->bytes + LENGTH_SIZE, need - LENGTH_SIZE);
            d->count = 0;
        } else if (count > 0) {
            size_t take = count < need - d->count ? count : need - d->count;
            memcpy(d->bytes + d->count, bytes, take);
            d->count += take;
            bytes += take;
            count -= take;
        } else {
            return true;
        }
    }
}
