// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// The names of SCVerify for a plain compiler, where nothing is compared with RTL.
#ifndef BITSIM_SHIM_MC_SCVERIFY_H
#define BITSIM_SHIM_MC_SCVERIFY_H

#define CCS_BLOCK(name) name
#define CCS_DESIGN(name) name
#define CCS_MAIN(argc, argv) int main(argc, argv)
#define CCS_RETURN(status) return status

#endif
