/* hint: overflow */
/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    const uint8_t *end = bytes + count;
    while (bytes < end) { /* the mistake: takes for granted that all of the last one is here */
        size_t length = (size_t)bytes[0] << 8 | bytes[1];
        if (length > MESSAGE_MAX)
            return false;
        on_message(d, bytes + LENGTH_SIZE, length);
        bytes += LENGTH_SIZE + length;
    }
    return true;
}
