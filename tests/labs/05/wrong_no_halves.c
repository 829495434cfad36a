/* hint: cut_payload */
/* `count` > 0 bytes came. Calls on_message for each message that is whole now; false: a length is greater than
 * MESSAGE_MAX. */
bool decode(struct decoder *d, const uint8_t *bytes, size_t count) {
    while (count >= LENGTH_SIZE) {
        size_t length = (size_t)bytes[0] << 8 | bytes[1];
        if (length > MESSAGE_MAX)
            return false;
        if (count < LENGTH_SIZE + length)
            return true; /* the mistake: this half is lost */
        on_message(d, bytes + LENGTH_SIZE, length);
        bytes += LENGTH_SIZE + length;
        count -= LENGTH_SIZE + length;
    }
    return true;
}
