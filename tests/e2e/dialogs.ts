import type { ElectronApplication } from '@playwright/test';

/** Every dialog for files or folders answers with these paths from now on, one that asks where to save with the first of them. */
export async function answerDialogs(application: ElectronApplication, ...paths: string[]): Promise<void> {
  await application.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: filePaths[0] ?? '' });
  }, paths);
}
