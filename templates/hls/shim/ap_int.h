// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// ap_int<W> and ap_uint<W>, 1 to 64 bits, for a plain compiler: what the emitted core needs of the vendor's types, no more.
// Values wrap as W bits of two's complement; arithmetic is done in 64 bits. The vendor's header takes this one's place when
// AP_INCLUDE points at it.
#ifndef BITSIM_SHIM_AP_INT_H
#define BITSIM_SHIM_AP_INT_H

#include <cstdint>

template <int W>
class ap_int {
  static_assert(W >= 1 && W <= 64, "the shim's ap_int holds 1 to 64 bits");

 public:
  ap_int() : value_(0) {}
  template <class T>
  ap_int(T value) : value_(wrapped(static_cast<std::int64_t>(value))) {}

  operator std::int64_t() const { return value_; }
  int to_int() const { return static_cast<int>(value_); }
  std::int64_t to_int64() const { return value_; }

 private:
  static std::int64_t wrapped(std::int64_t value) {
    // shifted left as unsigned, which is defined for every value; back right with the sign
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << (64 - W)) >> (64 - W);
  }
  std::int64_t value_;
};

template <int W>
class ap_uint {
  static_assert(W >= 1 && W <= 64, "the shim's ap_uint holds 1 to 64 bits");

 public:
  ap_uint() : value_(0) {}
  template <class T>
  ap_uint(T value) : value_((static_cast<std::uint64_t>(value) << (64 - W)) >> (64 - W)) {}

  operator std::uint64_t() const { return value_; }
  int to_int() const { return static_cast<int>(value_); }
  std::uint64_t to_uint64() const { return value_; }

 private:
  std::uint64_t value_;
};

#endif
