// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// ap_int and ap_uint as Catapult's ac_int.
#ifndef BITSIM_CATAPULT_AP_INT_H
#define BITSIM_CATAPULT_AP_INT_H

#include <ac_int.h>

template <int W>
using ap_int = ac_int<W, true>;
template <int W>
using ap_uint = ac_int<W, false>;

#endif
