rtl/mac_os_encoder_booth_4_w8.v
rtl/mac_os_partial_products_w8_r4x4.v
rtl/mac_os_compressor_4to2_w16.v
rtl/mac_os_pe_a8_b8_acc32.v
rtl/mac_os_control_len16.v
rtl/mac_os_row_control.v
rtl/mac_os_32x32.v
tb/mac_os_32x32_tb.sv
