/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/sha256.h"
#include "../test.h"

/* FIPS 180-4 / NIST CAVP examples. */
START_TEST(known_answers) {
  static const char *const v[][2] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopq"
       "rstnopq"
       "rstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};
  char hex[65];
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    com_sha256_hex(v[i][0], strlen(v[i][0]), hex);
    ck_assert_str_eq(hex, v[i][1]);
  }
}
END_TEST

START_TEST(million_a) {
  char *a = malloc(1000000), hex[65];
  memset(a, 'a', 1000000);
  com_sha256_hex(a, 1000000, hex);
  ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free(a);
}
END_TEST

/* Every length around the padding edges; expected values from coreutils sha256sum: head -c N /dev/zero | tr '\0' 'a'. */
START_TEST(padding_edges) {
  static const struct {
    size_t n;
    const char *hex;
  } v[] = {{55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
           {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
           {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
           {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
           {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
           {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
           {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"}};
  char a[128], hex[65];
  memset(a, 'a', sizeof a);
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    com_sha256_hex(a, v[i].n, hex);
    ck_assert_msg(!strcmp(hex, v[i].hex), "n = %zu: %s, want %s", v[i].n, hex, v[i].hex);
  }
}
END_TEST

START_TEST(raw_is_hex) {
  unsigned char raw[32];
  com_sha256_raw("abc", 3, raw);
  ck_assert_uint_eq(raw[0], 0xba);
  ck_assert_uint_eq(raw[31], 0xad);
}
END_TEST

TEST_MAIN("sha256", known_answers, million_a, padding_edges, raw_is_hex)
