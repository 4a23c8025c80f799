import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { type Eye, showMoment } from '../show/moment.ts'
import { loadUPlot } from './load-uplot.ts'
import { OUTCOMES, type Rate, stacked } from './rate.ts'

const HEIGHT_PX = 180
const DAY_S = 24 * 60 * 60
/** As the states of callbacks are coloured everywhere. */
const COLOURS = ['--green', '--amber', '--red', '--violet'] as const

interface RateCanvasProps {
  readonly rate: Rate
  readonly label: string
  /** In milliseconds. */
  choose(range: { readonly from: number; readonly until: number }): void
  /** Which step somebody points at, by its number. */
  point(step: number | undefined): void
}

/** The bars, on a canvas: whoever cannot see them has the table. */
export function RateCanvas({ rate, label, choose, point }: RateCanvasProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(null)
  const told = useRef({ choose, point, rate })
  told.current = { choose, point, rate }
  const { zone } = usePreferences()
  const scheme = useComputedColorScheme('light')

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are other ones in the other scheme.
  useEffect(() => {
    const { current: box } = place
    if (!box) return
    let isGone = false
    const fit = new ResizeObserver(() =>
      chart.current?.setSize({ width: box.clientWidth, height: HEIGHT_PX }),
    )
    void loadUPlot().then(UPlot => {
      if (isGone) return
      chart.current = new UPlot(optionsFor(UPlot, box, zone, told), dataOf(told.current.rate), box)
      fit.observe(box)
    })
    return () => {
      isGone = true
      fit.disconnect()
      chart.current?.destroy()
      chart.current = null
    }
  }, [zone, scheme])
  useEffect(() => {
    chart.current?.setData(dataOf(rate))
  }, [rate])
  return <div ref={place} role="img" aria-label={label} style={{ height: HEIGHT_PX }} />
}

/** The highest bars are drawn first, and the lower ends of what they stand on over them. */
function dataOf(rate: Rate): uPlot.AlignedData {
  const [at, ...heights] = stacked(rate)
  return [at, ...heights.toReversed()] as unknown as uPlot.AlignedData
}

function optionsFor(
  UPlot: typeof uPlot,
  box: HTMLElement,
  zone: Eye['zone'],
  told: { readonly current: Pick<RateCanvasProps, 'choose' | 'point' | 'rate'> },
): uPlot.Options {
  const colour = (name: string) => getComputedStyle(box).getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--ink-2'),
    grid: { stroke: colour('--line-2'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  }
  const paths = UPlot.paths.bars?.({ align: 1, size: [0.9, 40] })
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    ...(zone === 'local'
      ? {}
      : { tzDate: (seconds: number) => UPlot.tzDate(new Date(seconds * 1000), zone) }),
    scales: {
      x: { time: true, range: () => [told.current.rate.from / 1000, told.current.rate.until / 1000] },
      y: { range: (_chart, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      { ...axis, values: (_chart, seconds) => seconds.map(each => labelOf(each, seconds, zone)) },
      {
        ...axis,
        size: 52,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
      },
    ],
    series: [
      {},
      ...OUTCOMES.map((_, level) => ({
        fill: colour(COLOURS[level] ?? '--ink'),
        width: 0,
        points: { show: false },
        ...(paths ? { paths } : {}),
      })).reverse(),
    ],
    hooks: {
      setCursor: [({ cursor }) => told.current.point(cursor.idx ?? undefined)],
      setSelect: [
        (drawn: uPlot) => {
          const { left, width } = drawn.select
          if (width === 0) return
          const at = (pixel: number) => drawn.posToVal(pixel, 'x') * 1000
          told.current.choose({ from: at(left), until: at(left + width) })
          drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

/** The time, and of several days the day. */
function labelOf(seconds: number, all: readonly number[], zone: Eye['zone']): string {
  const [day = '', time = ''] = showMoment(seconds * 1000, { zone }).split(' ')
  const isLong = (all.at(-1) ?? 0) - (all[0] ?? 0) > 2 * DAY_S
  return isLong ? day.slice(5) : time.slice(0, 5)
}
