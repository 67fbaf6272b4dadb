rtl/mac_ws_encoder_booth_4_w8.v
rtl/mac_ws_partial_products_w8_r4x4.v
rtl/mac_ws_compressor_4to2_w16.v
rtl/mac_ws_pe_a8_b8_acc32.v
rtl/mac_ws_control_len16.v
rtl/mac_ws_row_control.v
rtl/mac_ws_partial_sum_adder_w32.v
rtl/mac_ws_32x32.v
