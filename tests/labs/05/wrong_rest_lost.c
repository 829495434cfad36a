/* hint: rest_lost */
/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    size_t room = sizeof d->bytes - d->count;
    memcpy(d->bytes + d->count, bytes, count < room ? count : room);
    d->count += count < room ? count : room;
    if (d->count < LENGTH_SIZE)
        return true;
    size_t length = (size_t)d->bytes[0] << 8 | d->bytes[1];
    if (length > MESSAGE_MAX)
        return false;
    if (d->count >= LENGTH_SIZE + length) {
        on_message(d, d->bytes + LENGTH_SIZE, length);
        d->count = 0; /* the mistake: more may be there */
    }
    return true;
}
