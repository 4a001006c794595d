// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// ac_channel for a plain compiler: a queue. Reading from an empty one is a bug in the design and ends the program.
#ifndef BITSIM_SHIM_AC_CHANNEL_H
#define BITSIM_SHIM_AC_CHANNEL_H

#include <cstdio>
#include <cstdlib>
#include <deque>

template <class T>
class ac_channel {
 public:
  ac_channel() {}

  bool empty() { return queue_.empty(); }
  bool available(unsigned count) const { return queue_.size() >= count; }

  void write(const T& value) { queue_.push_back(value); }

  T read() {
    if (queue_.empty()) {
      std::puts("bitsim-tb: error a channel was read while it was empty");
      std::puts("bitsim-tb: FAIL");
      std::exit(1);
    }
    const T value = queue_.front();
    queue_.pop_front();
    return value;
  }

 private:
  ac_channel(const ac_channel&);
  ac_channel& operator=(const ac_channel&);
  std::deque<T> queue_;
};

#endif
