/** Measurements in: irtt probes and class counters, kept as one-minute windows and judged every five seconds. */
export { Monitor, type MonitorEvents, type MonitorOptions } from './monitor.ts';
export type { MonitoredClass } from './class-watch.ts';
export { countedSince, type ClassCounters, type CounterReading, type CounterSource } from './counters.ts';
export type { MeasurementSink } from './windows.ts';
export { IrttProbe, irttCommand, type IrttSpec, type ProbeState } from './irtt.ts';
