// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// hls::stream for a plain compiler: a queue. Reading from an empty one is a bug in the design and ends the program.
#ifndef BITSIM_SHIM_HLS_STREAM_H
#define BITSIM_SHIM_HLS_STREAM_H

#include <cstdio>
#include <cstdlib>
#include <deque>

namespace hls {

template <class T>
class stream {
 public:
  stream() {}

  bool empty() const { return queue_.empty(); }

  void write(const T& value) { queue_.push_back(value); }

  T read() {
    if (queue_.empty()) {
      std::puts("bitsim-tb: error a stream was read while it was empty");
      std::puts("bitsim-tb: FAIL");
      std::exit(1);
    }
    const T value = queue_.front();
    queue_.pop_front();
    return value;
  }

 private:
  stream(const stream&);
  stream& operator=(const stream&);
  std::deque<T> queue_;
};

}  // namespace hls

#endif
