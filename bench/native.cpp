// The engine's algorithm in C++ with AVX2, for comparison: tables of 3^4 sums of 16 images in one vector, shared by all
// rows, sums widened before they can leave 16 bits. Reads what bench/simulator.ts wrote; prints CPU ms per run and logits.
//   g++ -O3 -mavx2 -o native bench/native.cpp && ./native FOLDER ROUNDS > logits.bin
#include <immintrin.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

static std::vector<int8_t> read_file(const std::string& path) {
  FILE* file = fopen(path.c_str(), "rb");
  if (!file) { fprintf(stderr, "cannot read %s\n", path.c_str()); exit(2); }
  fseek(file, 0, SEEK_END);
  std::vector<int8_t> bytes(ftell(file));
  rewind(file);
  if (fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) exit(2);
  fclose(file);
  return bytes;
}

static const int G = 4, ENTRIES = 81, KB = 8;

struct Layer {
  int rows, cols, blocks;
  std::vector<uint16_t> codes;          // [block][row][KB], bytes into the block's tables
  std::vector<char> flush;              // before which block
  std::vector<std::vector<int>> plus, minus;
};

static Layer prepare(const int8_t* trits, int rows, int cols, int largest) {
  Layer layer{rows, cols, (cols + KB * G - 1) / (KB * G), {}, {}, {}, {}};
  layer.codes.assign((size_t)layer.blocks * rows * KB, 0);
  layer.flush.assign(layer.blocks, 0);
  layer.plus.resize(rows);
  layer.minus.resize(rows);
  std::vector<int> p(rows), m(rows);
  for (int b = 0; b < layer.blocks; b++) {
    std::vector<int> bp(rows), bm(rows);
    for (int r = 0; r < rows; r++)
      for (int g = 0; g < KB; g++) {
        int index = 0;
        for (int j = G - 1; j >= 0; j--) {
          int c = (b * KB + g) * G + j, t = c < cols ? trits[r * cols + c] : 0;
          index = index * 3 + (t < 0 ? 2 : t);
          if (t > 0) bp[r] += largest, layer.plus[r].push_back(c);
          if (t < 0) bm[r] += largest, layer.minus[r].push_back(c);
        }
        layer.codes[((size_t)b * rows + r) * KB + g] = index * sizeof(__m256i);
      }
    for (int r = 0; r < rows; r++)
      if (p[r] + bp[r] > 32767 || m[r] + bm[r] > 32767) layer.flush[b] = 1;
    for (int r = 0; r < rows; r++) {
      if (layer.flush[b]) p[r] = m[r] = 0;
      p[r] += bp[r], m[r] += bm[r];
    }
  }
  return layer;
}

static __m256i table[KB * ENTRIES];

static void build(const __m256i* x, int g) {
  __m256i* t = table + g * ENTRIES;
  t[0] = _mm256_setzero_si256();
  int known = 1;
  for (int j = 0; j < G; j++, known *= 3)
    for (int i = 0; i < known; i++) {
      t[known + i] = _mm256_add_epi16(t[i], x[j]);
      t[2 * known + i] = _mm256_sub_epi16(t[i], x[j]);
    }
}

/** 16 codes of each of 16 images, one 16-bit lane an image; images past the last are those of `rows` that repeat. */
static void transpose(const uint8_t* const rows[16], int at, __m256i* x) {
  __m128i v[16], w[16];
  for (int i = 0; i < 16; i++) v[i] = _mm_loadu_si128((const __m128i*)(rows[i] + at));
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 8; i++) {
      w[2 * i] = _mm_unpacklo_epi8(v[i], v[i + 8]);
      w[2 * i + 1] = _mm_unpackhi_epi8(v[i], v[i + 8]);
    }
    for (int i = 0; i < 16; i++) v[i] = w[i];
  }
  for (int i = 0; i < 16; i++) x[i] = _mm256_cvtepu8_epi16(v[i]);
}

static void widen(__m256i* sums, __m256i* wide, int rows) {
  for (int r = 0; r < rows; r++) {
    wide[2 * r] = _mm256_add_epi32(wide[2 * r], _mm256_cvtepi16_epi32(_mm256_castsi256_si128(sums[r])));
    wide[2 * r + 1] = _mm256_add_epi32(wide[2 * r + 1], _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sums[r], 1)));
    sums[r] = _mm256_setzero_si256();
  }
}

int main(int argc, char** argv) {
  std::string folder = argv[1];
  int rounds = atoi(argv[2]), hidden = atoi(argv[3]), shift = atoi(argv[4]), largest = atoi(argv[5]);
  const int cols = 784, classes = 10;  // 784 is a multiple of the 16 columns that are transposed at a time
  auto w1 = read_file(folder + "/w0.bin"), w2 = read_file(folder + "/w1.bin"), pixels = read_file(folder + "/codes.bin");
  Layer first = prepare(w1.data(), hidden, cols, largest), second = prepare(w2.data(), classes, hidden, 255);
  int count = pixels.size() / cols;
  std::vector<int32_t> logits((size_t)count * classes);
  __m256i* x = (__m256i*)aligned_alloc(32, sizeof(__m256i) * (first.blocks * KB * G));
  __m256i* h = (__m256i*)aligned_alloc(32, sizeof(__m256i) * hidden);
  __m256i* sums = (__m256i*)aligned_alloc(32, sizeof(__m256i) * hidden);
  __m256i* wide = (__m256i*)aligned_alloc(32, sizeof(__m256i) * 2 * hidden);
  for (int round = 0; round < rounds; round++) {
    clock_t began = clock();
    for (int at = 0; at < count; at += 16) {
      const uint8_t* rows[16];
      for (int i = 0; i < 16; i++) rows[i] = (const uint8_t*)pixels.data() + (size_t)(at + i < count ? at + i : at) * cols;
      for (int c = 0; c < cols; c += 16) transpose(rows, c, x + c);
      for (int c = cols; c < first.blocks * KB * G; c++) x[c] = _mm256_setzero_si256();
      for (int r = 0; r < hidden; r++) sums[r] = wide[2 * r] = wide[2 * r + 1] = _mm256_setzero_si256();
      for (int b = 0; b < first.blocks; b++) {
        if (first.flush[b]) widen(sums, wide, hidden);
        for (int g = 0; g < KB; g++) build(x + (b * KB + g) * G, g);
        const uint16_t* codes = first.codes.data() + (size_t)b * hidden * KB;
        for (int r = 0; r < hidden; r++, codes += KB) {
          __m256i sum = sums[r];
          for (int g = 0; g < KB; g++) sum = _mm256_add_epi16(sum, *(const __m256i*)((const char*)(table + g * ENTRIES) + codes[g]));
          sums[r] = sum;
        }
      }
      widen(sums, wide, hidden);
      const __m256i half = _mm256_set1_epi32(shift ? 1 << (shift - 1) : 0), top = _mm256_set1_epi32(255);
      for (int r = 0; r < hidden; r++) {
        __m256i part[2];
        for (int k = 0; k < 2; k++) {
          __m256i v = _mm256_add_epi32(_mm256_max_epi32(wide[2 * r + k], _mm256_setzero_si256()), half);
          part[k] = _mm256_min_epi32(_mm256_srai_epi32(v, shift), top);
        }
        h[r] = _mm256_permute4x64_epi64(_mm256_packs_epi32(part[0], part[1]), 0xd8);
      }
      for (int r = 0; r < classes; r++) {
        __m256i acc[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        for (int sign = 0; sign < 2; sign++) {
          const auto& list = sign ? second.minus[r] : second.plus[r];
          for (size_t i = 0; i < list.size(); i += 128) {
            __m256i sum = _mm256_setzero_si256();
            for (size_t k = i; k < list.size() && k < i + 128; k++) sum = _mm256_add_epi16(sum, h[list[k]]);
            __m256i low = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(sum));
            __m256i high = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sum, 1));
            acc[0] = sign ? _mm256_sub_epi32(acc[0], low) : _mm256_add_epi32(acc[0], low);
            acc[1] = sign ? _mm256_sub_epi32(acc[1], high) : _mm256_add_epi32(acc[1], high);
          }
        }
        alignas(32) int32_t lanes[16];
        _mm256_store_si256((__m256i*)lanes, acc[0]);
        _mm256_store_si256((__m256i*)(lanes + 8), acc[1]);
        for (int i = 0; i < 16 && at + i < count; i++) logits[(size_t)(at + i) * classes + r] = lanes[i];
      }
    }
    fprintf(stderr, "%f\n", 1e3 * (clock() - began) / CLOCKS_PER_SEC);
  }
  fwrite(logits.data(), 4, logits.size(), stdout);
}
