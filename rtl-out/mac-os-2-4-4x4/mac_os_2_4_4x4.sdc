# Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
# Do not edit; make again with: bitweight emit mac-os-2-4-4x4
# Times in ns.
create_clock -name clk -period 1.0 [get_ports clk_i]
set_input_delay 0.2 -clock clk [get_ports cmd_valid_i]
set_input_delay 0.2 -clock clk [get_ports cmd_length_i]
set_input_delay 0.2 -clock clk [get_ports a_valid_i]
set_input_delay 0.2 -clock clk [get_ports a_data_i]
set_input_delay 0.2 -clock clk [get_ports b_valid_i]
set_input_delay 0.2 -clock clk [get_ports b_data_i]
set_input_delay 0.2 -clock clk [get_ports b_index_i]
set_input_delay 0.2 -clock clk [get_ports c_ready_i]
set_output_delay 0.2 -clock clk [get_ports c_data_o]
set_output_delay 0.2 -clock clk [get_ports cmd_ready_o]
set_output_delay 0.2 -clock clk [get_ports a_ready_o]
set_output_delay 0.2 -clock clk [get_ports b_ready_o]
set_output_delay 0.2 -clock clk [get_ports c_valid_o]
set_false_path -from [get_ports rst_ni]
