// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// hls::stream as Catapult's ac_channel.
#ifndef BITSIM_CATAPULT_HLS_STREAM_H
#define BITSIM_CATAPULT_HLS_STREAM_H

#include <ac_channel.h>

namespace hls {

template <class T>
using stream = ac_channel<T>;

}  // namespace hls

#endif
