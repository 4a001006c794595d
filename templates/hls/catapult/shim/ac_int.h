// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// ac_int<W, S>, 1 to 64 bits, for a plain compiler: what the emitted core needs of the vendor's type, and as strict: results are as
// wide as they must be, and nothing turns into a built-in type unasked. The vendor's header takes this one's place when AC_INCLUDE
// points at it.
#ifndef BITSIM_SHIM_AC_INT_H
#define BITSIM_SHIM_AC_INT_H

#include <cstdint>
#include <type_traits>

template <int W, bool S>
class ac_int {
  static_assert(W >= 1 && W <= 64, "the shim's ac_int holds 1 to 64 bits");

 public:
  ac_int() : bits_(0) {}
  template <class T, class = typename std::enable_if<std::is_integral<T>::value>::type>
  ac_int(T value) : bits_(wrapped(static_cast<std::uint64_t>(value))) {}
  template <int W2, bool S2>
  ac_int(const ac_int<W2, S2>& other) : bits_(wrapped(other.raw())) {}

  // the value, extended to 64 bits as its sign asks
  std::uint64_t raw() const { return bits_; }
  int to_int() const { return static_cast<int>(bits_); }
  std::int64_t to_int64() const { return static_cast<std::int64_t>(bits_); }
  std::uint64_t to_uint64() const { return bits_; }

  ac_int operator>>(int count) const {
    return S ? ac_int(static_cast<std::int64_t>(bits_) >> count) : ac_int(bits_ >> count);
  }
  ac_int operator<<(int count) const { return ac_int(bits_ << count); }
  ac_int<W + 1, true> operator-() const { return ac_int<W + 1, true>(0 - bits_); }

 private:
  static std::uint64_t wrapped(std::uint64_t value) {
    const std::uint64_t high = value << (64 - W);
    return S ? static_cast<std::uint64_t>(static_cast<std::int64_t>(high) >> (64 - W)) : high >> (64 - W);
  }
  std::uint64_t bits_;
};

// Width and sign of a sum, and of a bitwise result, as wide as both operands need.
template <int W1, bool S1, int W2, bool S2>
struct ac_wide {
  static const bool Sign = S1 || S2;
  static const int Left = W1 + (S2 && !S1 ? 1 : 0);
  static const int Right = W2 + (S1 && !S2 ? 1 : 0);
  static const int Both = Left > Right ? Left : Right;
  typedef ac_int<Both + 1, Sign> sum;
  typedef ac_int<Both + 1, true> difference;
  typedef ac_int<Both, Sign> bits;
};

// a built-in integer as an ac_int of its width
template <class T>
using ac_of = ac_int<static_cast<int>(sizeof(T)) << 3, std::is_signed<T>::value>;
template <class T>
using ac_builtin = typename std::enable_if<std::is_integral<T>::value, int>::type;

#define BITSIM_AC_OPERATOR(op, result)                                                              \
  template <int W1, bool S1, int W2, bool S2>                                                       \
  typename ac_wide<W1, S1, W2, S2>::result operator op(const ac_int<W1, S1>& a, const ac_int<W2, S2>& b) { \
    return a.raw() op b.raw();                                                                      \
  }                                                                                                 \
  template <int W, bool S, class T, ac_builtin<T> = 0>                                              \
  auto operator op(const ac_int<W, S>& a, T b)->decltype(a op ac_of<T>(b)) {                        \
    return a op ac_of<T>(b);                                                                        \
  }

BITSIM_AC_OPERATOR(+, sum)
BITSIM_AC_OPERATOR(-, difference)
BITSIM_AC_OPERATOR(&, bits)
BITSIM_AC_OPERATOR(|, bits)
BITSIM_AC_OPERATOR(^, bits)
#undef BITSIM_AC_OPERATOR

#define BITSIM_AC_COMPARISON(op)                                                     \
  template <int W1, bool S1, int W2, bool S2>                                        \
  bool operator op(const ac_int<W1, S1>& a, const ac_int<W2, S2>& b) {               \
    static_assert((S1 || W1 < 64) && (S2 || W2 < 64), "compared as 64 signed bits"); \
    return a.to_int64() op b.to_int64();                                             \
  }                                                                                  \
  template <int W, bool S, class T, ac_builtin<T> = 0>                               \
  bool operator op(const ac_int<W, S>& a, T b) {                                     \
    return a op ac_of<T>(b);                                                         \
  }

BITSIM_AC_COMPARISON(==)
BITSIM_AC_COMPARISON(!=)
BITSIM_AC_COMPARISON(<)
BITSIM_AC_COMPARISON(>)
BITSIM_AC_COMPARISON(>=)
#undef BITSIM_AC_COMPARISON

#endif
