// Saturation: values outside a format's range become its nearest end (never wrap).
import { maxOf, minOf, type NumberFormat } from './format.ts';

export const saturate = (value: number, format: NumberFormat): number =>
  Math.min(Math.max(value, minOf(format)), maxOf(format));

export const fits = (value: number, format: NumberFormat): boolean =>
  value >= minOf(format) && value <= maxOf(format);
