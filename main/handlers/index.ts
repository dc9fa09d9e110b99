import type { CallName, CallOutput, CallParsed } from '../../preload/contract.ts';
import { listAnnotations, saveAnnotations } from './annotations.ts';
import { writeReport } from './annotation-export.ts';
import { describeApplication } from './application.ts';
import { runBenchmarks } from './benchmark.ts';
import { comparePair, findNearest } from './compare.ts';
import { checkLog, mendLog } from './check-log.ts';
import type { Workspace } from './dependencies.ts';
import { exportLog } from './export-log.ts';
import { archiveProject, openProject } from './project-archive.ts';
import { backUpEvery, listLogBackups } from './upkeep.ts';
import { explainImage } from './explain-run.ts';
import { findExplanation } from './explain-store.ts';
import { exportRisks, writeExport } from './exports.ts';
import { listComparisons } from './frontier.ts';
import { createGeneration } from './generation.ts';
import { describeImage } from './images.ts';
import { saveDrawnMask } from './masks.ts';
import { complexityTable } from './lab-complexity.ts';
import { interpolate, reconstruct } from './lab-latent.ts';
import { latentMap } from './lab-map.ts';
import { waveletView } from './lab-wavelet.ts';
import { listEvaluations, runEvaluation, showEvaluation } from './measure.ts';
import { writeEvaluationReport } from './measure-report.ts';
import { addFolder, measureChoices, resolveSet } from './measure-sets.ts';
import { modelCost } from './model-cost.ts';
import { importModel, listModels, removeModel } from './models.ts';
import { checkSet, findCheck } from './originality.ts';
import { probeLatents } from './probe.ts';
import { checkProvider, listProviders, preferProvider } from './providers.ts';
import { readReviewFile, writeReviewFile } from './review-files.ts';
import { answerCase, beginReading, showCase } from './review-reading.ts';
import { surveySets } from './review-survey.ts';
import { cancelCreation, closeReview, createReview, listReviews, requiredCases, reviewResult } from './reviews.ts';
import { listOverlays } from './overlays.ts';
import { traceLineage } from './lineage.ts';
import { compareRuns } from './run-comparison.ts';
import { createGrid } from './run-grid.ts';
import { filterVocabulary, markRuns } from './run-marks.ts';
import { cancelRun, listRuns, pauseQueue, queueState, reorderQueue, rerun, retryRun, showRun } from './runs.ts';
import * as slides from './slides.ts';
import { readSetting, writeSetting } from './settings.ts';
import {
  cancelOpening,
  describeVolume,
  drawPreview,
  forgetStudy,
  listStudies,
  listTags,
  openSample,
  openStudies,
} from './studies.ts';
import { listUsefulness, showUsefulness, testUsefulness } from './usefulness.ts';

/** The calls that need dialogs are answered by the application process. */
type EngineCallName = Exclude<
  CallName,
  | 'studies.choose'
  | 'exports.choose'
  | 'models.choose'
  | 'annotations.choose'
  | 'log.chooseExport'
  | 'projects.chooseArchive'
  | 'projects.chooseOpen'
  | 'reviews.chooseSave'
  | 'reviews.chooseOpen'
  | 'measure.chooseFolder'
  | 'measure.chooseReport'
  | 'app.fullScreen'
  | 'app.redraw'
  | 'slides.chooseTiling'
  | 'slides.chooseOutlines'
>;

export type Handlers = {
  [Name in EngineCallName]: (input: CallParsed<Name>, context: { signal: AbortSignal }) => Promise<CallOutput<Name>>;
};

/** Every call of the contract that the engine answers. Inputs are parsed already. */
export function createHandlers(workspace: Workspace): Handlers {
  return {
    'app.info': async () => describeApplication(workspace),

    'studies.open': async ({ paths }, context) => openStudies(workspace, paths, context),
    'studies.cancel': async () => cancelOpening(workspace),
    'studies.preview': async ({ seriesId }) => drawPreview(workspace, seriesId),
    'studies.openSample': async (_input, context) => openSample(workspace, context),
    'studies.list': async () => listStudies(workspace),
    'studies.forget': async ({ seriesId }) => forgetStudy(workspace, seriesId),
    'studies.volume': async ({ seriesId }, context) => describeVolume(workspace, seriesId, context),
    'studies.tags': async (input) => listTags(workspace, input),
    'studies.overlays': async ({ seriesId }, context) => listOverlays(workspace, seriesId, context),

    'slides.list': async () => slides.listSlides(workspace),
    'slides.forget': async ({ slideId }) => slides.forgetSlide(workspace, slideId),
    'slides.picture': async (input) => slides.slidePicture(workspace, input),
    'slides.mask': async (input) => slides.slideMask(workspace, input),
    'slides.estimate': async (input) => slides.estimateSlide(workspace, input),
    'slides.notes': async ({ slideId }) => slides.slideNotes(workspace, slideId),
    'slides.remember': async ({ slideId, notes }) => slides.rememberNotes(workspace, slideId, notes),
    'slides.tile': async (input, context) => slides.tileKnown(workspace, input, context),
    'slides.outlines': async (input) => slides.writeOutlines(workspace, input),
    'slides.featureMap': async (input, { signal }) => slides.slideFeatureMap(workspace, input, { signal }),
    'slides.generate': async (input, context) => slides.generateKnown(workspace, input, context),
    'slides.compare': async (input) => slides.compareSlides(workspace, input),

    'models.list': async () => listModels(workspace.packs),
    'models.import': async (input, context) => importModel(workspace, input, context),
    'models.remove': async ({ modelId }) => removeModel(workspace, modelId),
    'models.cost': async (input, context) => modelCost(workspace, input, context),

    'providers.list': async () => listProviders(workspace),
    'providers.prefer': async ({ provider }) => preferProvider(workspace, provider),
    'providers.check': async (input, context) => checkProvider(workspace, input, context),

    'benchmark.run': async (input, context) => runBenchmarks(workspace, input, context),

    'lab.wavelet': async (input, context) => waveletView(workspace, input, context),
    'lab.reconstruct': async (input, context) => reconstruct(workspace, input, context),
    'lab.interpolate': async (input, context) => interpolate(workspace, input, context),
    'lab.map': async (input, context) => latentMap(workspace, input, context),
    'lab.complexity': async () => complexityTable(workspace),

    'measure.addFolder': async ({ folder }) => ({ folder: addFolder(workspace, folder) }),
    'measure.choices': async () => measureChoices(workspace),
    'measure.run': async (input, context) => runEvaluation(workspace, input, context),
    'measure.list': async () => listEvaluations(workspace),
    'measure.show': async ({ runId }) => showEvaluation(workspace, runId),
    'measure.writeReport': async (input) => writeEvaluationReport(workspace, input),

    'originality.check': async (input, context) => checkSet(workspace, input, context),
    'originality.find': async ({ set }) => findCheck(workspace, set),

    'usefulness.run': async ({ real, synthetic, test, ...input }, context) =>
      testUsefulness(
        workspace,
        {
          ...input,
          ...{ real: resolveSet(workspace, real), synthetic: resolveSet(workspace, synthetic) },
          test: resolveSet(workspace, test),
        },
        context,
      ),
    'usefulness.probe': async ({ data, ...input }, context) =>
      probeLatents(workspace, { ...input, data: resolveSet(workspace, data) }, context),
    'usefulness.list': async ({ kind }) => listUsefulness(workspace, kind),
    'usefulness.show': async ({ runId }) => showUsefulness(workspace, runId),

    'masks.save': async (mask) => saveDrawnMask(workspace, mask),

    'runs.generate': async ({ first, ...request }) => createGeneration(workspace, request, { first }),
    'runs.cancel': async ({ runId }) => cancelRun(workspace, runId),
    'runs.retry': async ({ runId }) => retryRun(workspace, runId),
    'runs.rerun': async ({ runId }) => rerun(workspace, runId),
    'runs.list': async (filter) => listRuns(workspace, filter),
    'runs.mark': async (input) => markRuns(workspace, input),
    'runs.vocabulary': async () => filterVocabulary(workspace),
    'runs.compare': async ({ runIds }) => compareRuns(workspace, runIds),
    'runs.lineage': async (query) => traceLineage(workspace, query),
    'runs.grid': async (input) => createGrid(workspace, input),
    'queue.state': async () => queueState(workspace),
    'queue.pause': async ({ paused }) => pauseQueue(workspace, paused),
    'queue.reorder': async ({ runIds }) => reorderQueue(workspace, runIds),
    'runs.show': async ({ runId }) => showRun(workspace, runId),

    'log.export': async (input) => exportLog(workspace, input),
    'log.check': async ({ thorough }, { signal }) => checkLog(workspace, { thorough, signal }),
    'log.mend': async (input, { signal }) => mendLog(workspace, { ...input, signal }),
    'log.backup': async () => workspace.log.backup('asked'),
    'log.backups': async () => listLogBackups(workspace),
    'log.backupHours': async ({ hours }) => backUpEvery(workspace, hours),
    'projects.archive': async (input, context) => archiveProject(workspace, input, context),
    'projects.open': async (input, context) => openProject(workspace, input, context),

    'images.describe': async ({ image }, context) => describeImage(workspace, image, context),
    'compare.pair': async (pair, context) => comparePair(workspace, pair, context),
    'compare.nearest': async (input, context) => findNearest(workspace, input, context),

    'explain.run': async (input, context) => explainImage(workspace, input, context),
    'explain.find': async (image) => ({ explanation: await findExplanation(workspace, image) }),
    'frontier.list': async () => listComparisons(workspace),

    'reviews.survey': async (input, context) => surveySets(workspace, input, context),
    'reviews.create': async (input, context) => createReview(workspace, input, context),
    'reviews.cancel': async () => cancelCreation(workspace),
    'reviews.list': async () => listReviews(workspace),
    'reviews.begin': async (input) => beginReading(workspace, input),
    'reviews.case': async (input) => showCase(workspace, input),
    'reviews.answer': async (input) => answerCase(workspace, input),
    'reviews.close': async ({ reviewId }) => closeReview(workspace, reviewId),
    'reviews.result': async ({ reviewId }) => reviewResult(workspace, reviewId),
    'reviews.power': async (input) => requiredCases(input),
    'reviews.write': async (input, context) => writeReviewFile(workspace, input, context),
    'reviews.read': async (input, context) => readReviewFile(workspace, input, context),

    'exports.write': async (input, context) => ({ files: (await writeExport(workspace, input, context)).files }),
    'exports.risks': async ({ seriesId }) => exportRisks(workspace, seriesId),

    'annotations.list': async ({ seriesId }) => listAnnotations(workspace, seriesId),
    'annotations.save': async (change) => saveAnnotations(workspace, change),
    'annotations.write': async (input, context) => writeReport(workspace, input, context),

    'settings.read': async ({ name }) => readSetting(workspace, name),
    'settings.write': async ({ name, value }) => writeSetting(workspace, name, value),
  };
}
