// Texts in the formats of other array tools, written for these tests: their layout is that of the tools, their figures are made up (round, so that units show).
#pragma once

#include <string>

#include <catch2/catch.hpp>

namespace spinvp::technology::test {

// A sample with one place of it written otherwise.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline const std::string mram_cell = R"(// a magnetic cell
-MemCellType: MRAM

-CellArea (F^2): 40
-CellAspectRatio: 0.9
-ResistanceOn (ohm): 5000
-ResistanceOff (ohm): 11000
-ReadMode: current
-ReadVoltage (V): 0.2
-MinSenseVoltage (mV): 25
-ReadPower (uW): 20
-ResetMode: current
-ResetCurrent (uA): 50
-ResetPulse (ns): 4
-ResetEnergy (pJ): 0.2
-SetMode: current
-SetCurrent (uA): 60
-SetPulse (ns): 4
-SetEnergy (pJ): 0.3
-AccessType: CMOS
-VoltageDropAccessDevice (V): 0.15
-AccessCMOSWidth (F): 5
)";

inline const std::string sram_cell = R"(-MemCellType: SRAM
-CellArea (F^2): 150
-CellAspectRatio: 1.5
-ReadMode: voltage
-AccessType: CMOS
-AccessCMOSWidth (F): 1.3
-SRAMCellNMOSWidth (F): 2
-SRAMCellPMOSWidth (F): 1.2
)";

inline const std::string config = R"(# an array
-DesignTarget: RAM
//-OptimizationTarget: Area
-OptimizationTarget: ReadEDP
-ProcessNode: 22
-Capacity (MB): 4
-WordWidth (bit): 256
-DeviceRoadmap: LOP
-LocalWireType: LocalAggressive
-Routing: H-tree
-InternalSensing: true
-MemoryCellInputFile: cells/mram.cell
-Temperature (K): 350
-ForceBank (Total AxB, Active CxD): 4x4, 1x4
)";

// What NVSim prints for an SRAM of 4 MB: 4 x 4 mats of 2 x 2 subarrays of 1024 x 512 cells are 2^25 bits.
inline const std::string sram_result = R"(User-defined configuration file (made.cfg) is loaded

Memory Cell: SRAM
Cell Area (F^2)    : 150.000 (15.000Fx10.000F)
SRAM Cell NMOS Width: 2.000F

====================
DESIGN SPECIFICATION
====================
Design Target: Random Access Memory
Capacity   : 4MB
Data Width : 512Bits (64Bytes)

Searching for the best solution that is optimized for read energy-delay-product ...

=============
CONFIGURATION
=============
Bank Organization: 4 x 4
 - Row Activation   : 1 / 4
 - Column Activation: 4 / 4
Mat Organization: 2 x 2
 - Row Activation   : 1 / 2
 - Column Activation: 2 / 2
 - Subarray Size    : 1024 Rows x 512 Columns
=============
   RESULT
=============
Area:
 - Total Area = 2.500mm x 1.000mm = 2.500mm^2
 |--- Mat Area      = 600.000um x 200.000um = 120000.000um^2   (93.000%)
 - Area Efficiency = 93.000%
Timing:
 -  Read Latency = 2.125ns
 |--- H-Tree Latency = 1.125ns
    |--- Predecoder Latency = 96.000ps
 - Write Latency = 750.000ps
 |--- Mat Latency    = 500.000ps
 - Read Bandwidth  = 32.000GB/s
 - Write Bandwidth = 640.000MB/s
Power:
 -  Read Dynamic Energy = 1.250nJ
 |--- Mat Dynamic Energy    = 20.000pJ per mat
 - Write Dynamic Energy = 250.000pJ
 |--- H-Tree Dynamic Energy = 200.000pJ
 - Leakage Power = 1.808W
 |--- Mat Leakage Power    = 113.000mW per mat

Finished!
)";

// What NVSim prints for a cache: the summary first, then the data array and the tags.
inline const std::string cache_result = R"(Memory Cell: MRAM (Magnetoresistive)
====================
DESIGN SPECIFICATION
====================
Design Target: Cache
Capacity   : 1MB
Cache Line Size: 64Bytes
Cache Associativity: 16 Ways

=======================
CACHE DESIGN -- SUMMARY
=======================
Access Mode: Sequential
Area:
 - Total Area = 0.345mm^2
Timing:
 - Cache Hit Latency   = 4.000ns
 - Cache Miss Latency  = 1.500ns
 - Cache Write Latency = 10.750ns
Power:
 - Cache Hit Dynamic Energy   = 0.300nJ per access
 - Cache Total Leakage Power  = 140.000mW

CACHE DATA ARRAY
=============
CONFIGURATION
=============
Bank Organization: 2 x 2
Mat Organization: 2 x 2
 - Subarray Size    : 1024 Rows x 512 Columns
=============
   RESULT
=============
 - Total Area = 500.000um x 580.000um = 290000.000um^2
 -  Read Latency = 2.250ns
 - Write Latency = 10.500ns
 |--- H-Tree Latency = 50.000ps
       |--- Write Pulse Duration = 10.000ns
 - Read Bandwidth  = 27.500GB/s
 - Write Bandwidth = 6.125GB/s
 -  Read Dynamic Energy = 178.000pJ
 - Write Dynamic Energy = 594.000pJ
 - Leakage Power = 125.000mW

CACHE TAG ARRAY
=============
CONFIGURATION
=============
Bank Organization: 1 x 1
Mat Organization: 1 x 1
 - Subarray Size    : 256 Rows x 512 Columns
=============
   RESULT
=============
 - Total Area = 300.000um x 180.000um = 54000.000um^2
 -  Read Latency = 1.750ns
 - Write Latency = 10.250ns
 - Read Bandwidth  = 10.000GB/s
 - Write Bandwidth = 1.000GB/s
 -  Read Dynamic Energy = 130.000pJ
 - Write Dynamic Energy = 560.000pJ
 - Leakage Power = 15.000mW

Finished!
)";

inline const std::string explorer_header =
    "MemCellType,CellArea (F^2),ReadVoltage (V),SetEnergy (pJ),MemoryCellInputFile,DeviceRoadmap,Temperature (K),ProcessNode,OptimizationTarget,WordWidth "
    "(bit),Capacity (MB),"
    "Benchmark Name,Read Accesses,Write Accesses,Total Dynamic Read Power (mW),Total Dynamic Write Power (mW),Total Power,Read BW Util,Write BW Util,"
    "Area (mm^2),Area Efficiency (percent),Read Latency (ns),Write Latency (ns),Read Energy (pJ),Write Energy (pJ),Leakage Power (mW),Bits Per Cell\n";

// 1e9 reads a second of 64 bits (8e9 bytes a second) are 40 % of 20 GB/s, 2e8 writes (1.6e9) 80 % of 2 GB/s; 1e9 x 4 pJ = 4 mW, 2e8 x 50 pJ = 10 mW.
inline const std::string explorer_stt =
    " MRAM, 40, 0.200000, 0.3, data/cell_cfgs/made.cell, LOP, 350, 22, ReadEDP, 64, "
    "2,first,1000000000.0,200000000.0,4.0,10.0,36.125,40.0,80.0,0.25,88.5,0.75,5.5,4.0,50.0,22.125,1\n";

inline const std::string cacti_table =
    "Tech node (nm), Capacity (bytes), Number of banks, Associativity, Output width (bits), Access time (ns), Random cycle time (ns), Dynamic search energy "
    "(nJ), "
    "Dynamic read energy (nJ), Dynamic write energy (nJ), Standby leakage per bank(mW), Area (mm2), Ndwl, \n"
    "32, 65536, 1, 1, 64, 0.75, 0.5, N/A, 0.0125, 0.015, 12.5, 0.125, 2, \n";

}  // namespace spinvp::technology::test
