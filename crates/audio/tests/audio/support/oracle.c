/* What spandsp makes of it: raw 16 bit samples or codes come in and go out. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spandsp.h>

static void on_digits(void *user, const char *digits, int count) {
    fwrite(digits, 1, (size_t)count, (FILE *)user);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    int16_t pcm[320];
    uint8_t codes[160];
    size_t got;
    if (strcmp(what, "g722-encode") == 0) {
        g722_encode_state_t *state = g722_encode_init(NULL, 64000, 0);
        while ((got = fread(pcm, 2, 320, stdin)) > 0) {
            int length = g722_encode(state, codes, pcm, (int)got);
            fwrite(codes, 1, (size_t)length, stdout);
        }
    } else if (strcmp(what, "g722-decode") == 0) {
        g722_decode_state_t *state = g722_decode_init(NULL, 64000, 0);
        while ((got = fread(codes, 1, 160, stdin)) > 0) {
            int length = g722_decode(state, pcm, codes, (int)got);
            fwrite(pcm, 2, (size_t)length, stdout);
        }
    } else if (strcmp(what, "dtmf-hear") == 0) {
        dtmf_rx_state_t *state = dtmf_rx_init(NULL, on_digits, stdout);
        while ((got = fread(pcm, 2, 160, stdin)) > 0) {
            dtmf_rx(state, pcm, (int)got);
        }
    } else if (strcmp(what, "dtmf-say") == 0 && argc > 2) {
        dtmf_tx_state_t *state = dtmf_tx_init(NULL);
        dtmf_tx_put(state, argv[2], -1);
        int length;
        while ((length = dtmf_tx(state, pcm, 160)) > 0) {
            fwrite(pcm, 2, (size_t)length, stdout);
        }
    } else {
        return 2;
    }
    return 0;
}
