/* hint: too_early */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        d->bytes[d->count++] = *bytes++;
        count--;
        if (d->count < LENGTH_SIZE)
            continue;
        size_t length = (size_t)d->bytes[0] << 8 | d->bytes[1];
        if (length > MESSAGE_MAX)
            return false;
        if (d->count + 1 < LENGTH_SIZE + length)
            continue;
        on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0;
    }
    return true;
}
